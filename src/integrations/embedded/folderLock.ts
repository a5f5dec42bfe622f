import { mkdir, readdir, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FolderInUse, FolderNotWritable } from './errors';
import { prepareFolder } from './folder';
import { identify, isAlive, type ProcessIdentity } from './processes';

/**
 * The lock is a directory `portolan.lock` with one file, whose name says who holds it.
 *
 * Taking it renames a prepared directory onto that name. rename(2) replaces a directory only if it is empty, so of any
 * number of starters one succeeds. A stale lock is opened by removing the dead holder's file: its name is never used
 * again, so a slow starter cannot remove the file of a new holder by mistake. Rejected: a lock file (reading that it is
 * stale and removing it are two steps, and between them it may have become somebody's), flock (Node has none).
 */
export interface FolderLock {
  /** Tells those who find the folder taken where the holder is reachable. */
  describe(about: { url: string }): Promise<void>;
  /** Gives the folder free. Repeatable. */
  release(): Promise<void>;
}

export interface FolderLockOptions {
  /** Where this process is reachable, if that is known already. */
  url?: string;
}

const lockName = 'portolan.lock';
const attempts = 50;

/**
 * Takes the data folder for this process until `release` or until the process ends, however it ends. Creates the folder.
 * @throws FolderInUse when a live process holds it
 * @throws FolderNotWritable
 */
export async function takeFolder(dataDir: string, options: FolderLockOptions = {}): Promise<FolderLock> {
  await prepareFolder(dataDir);
  const lockDir = path.join(dataDir, lockName);
  const self = holderName(process.pid);
  const prepared = path.join(dataDir, `${lockName}.${self}.${process.hrtime.bigint()}`);
  try {
    await mkdir(prepared, { mode: 0o700 });
    await writeFile(path.join(prepared, self), content(options.url), { mode: 0o600 });
    await claim(prepared, lockDir);
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    if (error instanceof FolderInUse) throw error;
    throw new FolderNotWritable(dataDir, error);
  }
  await removeAbandoned(dataDir);
  return held(lockDir, self);
}

function held(lockDir: string, self: string): FolderLock {
  const file = path.join(lockDir, self);
  let released: Promise<void> | undefined;
  return {
    describe: ({ url }) => writeFile(file, content(url), { flag: 'r+' }),
    release() {
      released ??= letGo(lockDir, file);
      return released;
    },
  };
}

async function letGo(lockDir: string, file: string): Promise<void> {
  await unlink(file).catch(unless('ENOENT'));
  // The next holder may have replaced the empty directory already; then it is not empty and stays.
  await rmdir(lockDir).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
}

async function claim(prepared: string, lockDir: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(prepared, lockDir);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt >= attempts) throw error;
    }
    await removeDeadHolders(lockDir);
  }
}

async function removeDeadHolders(lockDir: string): Promise<void> {
  const names = await readdir(lockDir).catch(unless('ENOENT'));
  for (const name of names ?? []) {
    const holder = parseHolder(name);
    if (holder && isAlive(holder)) throw new FolderInUse(holder.pid, await readUrl(path.join(lockDir, name)));
    await unlink(path.join(lockDir, name)).catch(unless('ENOENT'));
  }
}

/** Starters that were killed between preparing and taking leave their directory behind. */
async function removeAbandoned(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(`${lockName}.`)) continue;
    const starter = parseHolder(name.slice(lockName.length + 1).replace(/\.\d+$/, ''));
    if (starter && !isAlive(starter)) await rm(path.join(dataDir, name), { recursive: true, force: true });
  }
}

/** `process-<pid>-<start>`; the start part keeps a recycled process number from looking like the holder. */
function holderName(pid: number): string {
  return `process-${pid}-${identify(pid)?.started ?? ''}`;
}

function parseHolder(name: string): ProcessIdentity | undefined {
  const match = /^process-(\d+)-(.*)$/.exec(name);
  return match ? { pid: Number(match[1]), started: match[2] ?? '' } : undefined;
}

/** Padded to a fixed length, so that overwriting it in place never leaves a mixture of two URLs. */
function content(url: string | undefined): string {
  return `${JSON.stringify({ url }).padEnd(500)}\n`;
}

async function readUrl(file: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { url?: string }).url;
  } catch {
    return undefined;
  }
}

function unless(...codes: string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
    return undefined;
  };
}
