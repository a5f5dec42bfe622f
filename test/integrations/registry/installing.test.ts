import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fateOfSuites } from '../../support/registry/binary';

/** How the tests come by a registry, on machines made of stand-ins for the programs of the system. */

const script = join(__dirname, '../../support/registry/install.sh');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-install-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const has = (program: string, body = '') => {
  writeFileSync(join(folder, program), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, program), 0o755);
};
/** Writes its words down; `install` fails `failures` times, then puts a registry there. */
const aptGet = (failures: number) =>
  has(
    'apt-get',
    `echo "$1" >> "${folder}/calls"
     [ "$1" = install ] || exit 0
     [ "$(/bin/grep -c install "${folder}/calls")" -gt ${failures} ] || exit 100
     echo > "${folder}/docker-registry"; /bin/chmod +x "${folder}/docker-registry"`,
  );
const calls = () =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').split('\n').slice(0, -1) : [];
const run = () => {
  has('timeout', 'shift 3; exec "$@"');
  has('systemctl');
  return spawnSync('/bin/sh', [script], { encoding: 'utf8', env: { PATH: folder } });
};

test('a registry that is there is left alone', () => {
  has('docker-registry');
  aptGet(0);
  expect(run().status).toBe(0);
  expect(calls()).toEqual([]);
});

test('root on Debian gets it, without fetching the lists of packages when those at hand do', () => {
  has('id', 'echo 0');
  aptGet(0);
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  expect(calls()).toEqual(['install']);
});

test('the lists are fetched when the package is not found', () => {
  has('id', 'echo 0');
  aptGet(1);
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  expect(calls()).toEqual(['install', 'update', 'install']);
});

test.each([
  ['nobody but root', { id: 1000, failures: 0 }, 'only root can install it here'],
  ['no other system', { id: 0, failures: null }, 'only Debian can install it here'],
  ['no machine without packages', { id: 0, failures: 9 }, 'apt-get could not install it'],
])('%s gets it: one line names the package', (_, { id, failures }, reason) => {
  has('id', `echo ${id}`);
  if (failures !== null) aptGet(failures);
  const { status, stderr } = run();
  expect(status).toBe(1);
  expect(stderr).toBe(`docker-registry is missing, and ${reason} (Debian: apt-get install docker-registry)\n`);
});

test('suites run where a registry is, are skipped where none is, and fail in CI', () => {
  expect(fateOfSuites({ PATH: folder })).toBe('skip');
  expect(fateOfSuites({ PATH: folder, CI: 'true' })).toBe('fail');
  has('docker-registry');
  expect(fateOfSuites({ PATH: folder, CI: 'true' })).toBe('run');
  expect(fateOfSuites({ PATH: folder })).toBe('run');
});
