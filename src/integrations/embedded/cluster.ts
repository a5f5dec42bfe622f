import { randomBytes } from 'node:crypto';
import { chown, lchown, lstat, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries';
import { EmbeddedPostgresUnavailable } from './errors';
import { type RunAs, runToEnd } from './runAs';

/** The superuser and the database have the same name. */
export const databaseName = 'portolan';

const draftPrefix = 'postgres.initdb-';

/** Removes what an initdb that was killed has left. Only for the holder of the folder lock. */
export async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(draftPrefix)) continue;
    // An initdb may outlive its parent for a moment and still write there. One of another user stays: it harms nobody.
    await rm(path.join(dataDir, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
      },
    );
  }
}

/**
 * Creates the cluster if there is none. It is made in a folder beside its place and renamed when it is whole and on
 * disk, so that a kill at any moment leaves either nothing or all of it. True if it was created.
 * @throws EmbeddedPostgresUnavailable when initdb fails
 */
export async function ensureCluster(
  dataDir: string,
  options: { binaries: Binaries; runAs: RunAs; password: string; sync: boolean },
): Promise<boolean> {
  const clusterDir = path.join(dataDir, 'postgres');
  if (await hasCluster(clusterDir)) return false;
  const draft = path.join(dataDir, `${draftPrefix}${randomBytes(6).toString('hex')}`);
  const passwordFile = path.join(draft, 'password');
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    if (options.runAs.ids.uid !== undefined) {
      for (const file of [draft, passwordFile]) await chown(file, options.runAs.owner.uid, options.runAs.owner.gid);
    }
    const made = path.join(draft, 'cluster');
    await initdb(made, passwordFile, options);
    await rename(made, clusterDir);
    await syncFolder(dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return true;
}

async function hasCluster(clusterDir: string): Promise<boolean> {
  try {
    const names = await readdir(clusterDir);
    if (names.includes('PG_VERSION')) return true;
    if (names.length === 0) {
      await rmdir(clusterDir);
      return false;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return false;
    if (code === 'EACCES') throw foreignOwner(clusterDir, error);
    throw error;
  }
  throw new EmbeddedPostgresUnavailable(
    'start',
    `${clusterDir} holds files but no Postgres cluster. Move it away, or choose another folder with PORTOLAN_DATA.`,
  );
}

async function initdb(
  made: string,
  passwordFile: string,
  options: { binaries: Binaries; runAs: RunAs; sync: boolean },
): Promise<void> {
  const run = (characters: string) =>
    runToEnd(
      options.runAs,
      options.binaries.initdb,
      [
        `--pgdata=${made}`,
        `--username=${databaseName}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Order by code point: the same on every system and the fastest, and indexes serve LIKE 'prefix%'.
        '--locale=C',
        `--lc-ctype=${characters}`,
        '--data-checksums',
        '--no-instructions',
        ...(options.sync ? [] : ['--no-sync']),
      ],
      options.binaries.environment,
    );
  let result = await run('C.UTF-8');
  // Some systems do not know this locale; without it upper() and lower() leave all but ASCII as it is.
  if (result.code !== 0 && result.output.includes('invalid locale name')) result = await run('C');
  if (result.code === 0) return;
  throw new EmbeddedPostgresUnavailable(
    'start',
    `The embedded Postgres could not create its cluster: ${result.output.trim().split('\n').slice(-5).join(' | ')}`,
  );
}

/**
 * Gives the cluster to the user that Postgres runs as; a cluster made in one mode starts in any other.
 * @throws EmbeddedPostgresUnavailable when it is another user's and we are not root
 */
export async function ensureOwner(clusterDir: string, runAs: RunAs): Promise<void> {
  const { uid } = await lstat(clusterDir);
  if (uid === runAs.owner.uid) return;
  if (process.getuid?.() !== 0) throw foreignOwner(clusterDir);
  await chownTree(clusterDir, runAs.owner);
}

/** The folder itself comes last: its owner tells whether the whole tree is done. */
async function chownTree(folder: string, owner: { uid: number; gid: number }): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) await chownTree(name, owner);
    else await lchown(name, owner.uid, owner.gid);
  }
  await lchown(folder, owner.uid, owner.gid);
}

function foreignOwner(clusterDir: string, cause?: unknown): EmbeddedPostgresUnavailable {
  return new EmbeddedPostgresUnavailable(
    'owner',
    `The cluster in ${clusterDir} belongs to another user, as after a start as root. ` +
      'Start Portolan as that user, give the folder to this one (chown -R), or choose another folder with PORTOLAN_DATA.',
    cause,
  );
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
