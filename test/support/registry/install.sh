#!/bin/sh
# Installs Debian's docker-registry, which the tests with a real registry start. Ends with 0 when it is there afterwards.
program=docker-registry

fail() {
  echo "$program is missing, and $1 (Debian: apt-get install $program)" >&2
  exit 1
}

command -v "$program" >/dev/null && exit 0
command -v apt-get >/dev/null || fail 'only Debian can install it here'
[ "$(id -u)" = 0 ] || fail 'only root can install it here'

export DEBIAN_FRONTEND=noninteractive
options='-qq -o DPkg::Lock::Timeout=60 -o Acquire::Retries=1 -o Acquire::http::Timeout=20'
install() {
  timeout -k 10 180 apt-get install $options -y --no-install-recommends "$program" >/dev/null 2>&1
}

# The tests start it themselves; the machine shall not get a registry that listens from now on.
if [ -d /run/systemd/system ]; then systemctl --quiet mask "$program.service"; fi
# The lists of packages are fetched only when those at hand do not do.
install || { timeout -k 10 120 apt-get update $options >/dev/null 2>&1 && install; } || fail 'apt-get could not install it'
command -v "$program" >/dev/null || fail 'it is not in the PATH after its installation'
