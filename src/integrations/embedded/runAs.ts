import { type SpawnOptions, spawn } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import type { Binaries } from './binaries';
import { EmbeddedPostgresUnavailable } from './errors';

/**
 * How Postgres, which refuses uid 0, is run:
 * - self: as the caller, who is not root;
 * - namespace: in a user namespace where root is called nobody. Works below a private home; files stay root's on disk;
 * - nobody: as uid 65534, to whom the cluster is given. Works in containers, which rarely allow user namespaces.
 */
export type RunAsName = 'self' | 'namespace' | 'nobody';

export interface RunAs {
  name: RunAsName;
  /** What stands in front of the program. It replaces itself by the program, so the process number stays. */
  prefix: readonly string[];
  /** Given to spawn. */
  ids: { uid?: number; gid?: number };
  /** Who must own the cluster on disk. */
  owner: { uid: number; gid: number };
}

const nobody = 65534;
const root = { uid: 0, gid: 0 };
const namespacePrefix = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`];

/**
 * The first way to run Postgres that a quick trial finds working.
 * @param wanted tries this way only
 * @throws EmbeddedPostgresUnavailable with what was tried
 */
export async function chooseRunAs(binaries: Binaries, dataDir: string, wanted?: RunAsName): Promise<RunAs> {
  const refusals: string[] = [];
  for (const candidate of candidates().filter(({ name }) => wanted === undefined || name === wanted)) {
    if (candidate.name === 'nobody') await letThrough(dataDir);
    const refusal = await trial(candidate, binaries, dataDir);
    if (refusal === undefined) return candidate;
    refusals.push(`${label(candidate)}: ${refusal}`);
  }
  if (process.getuid?.() !== 0) {
    throw new EmbeddedPostgresUnavailable(
      'platform',
      `The embedded Postgres does not run on this system (${refusals.join('; ')}). ` +
        'Set DATABASE_URL to use a Postgres of your own.',
    );
  }
  throw new EmbeddedPostgresUnavailable(
    'root',
    `Postgres refuses to run as root, and no other way works here. Tried ${refusals.join('; ')}. ` +
      'Run Portolan as another user, or set DATABASE_URL to use a Postgres of your own.',
  );
}

function candidates(): RunAs[] {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return [{ name: 'self', prefix: [], ids: {}, owner: { uid, gid } }];
  return [
    { name: 'namespace', prefix: namespacePrefix, ids: {}, owner: root },
    { name: 'nobody', prefix: [], ids: { uid: nobody, gid: nobody }, owner: { uid: nobody, gid: nobody } },
  ];
}

function label(runAs: RunAs): string {
  if (runAs.name === 'self') return 'postgres --version';
  return runAs.name === 'namespace' ? `a user namespace (${namespacePrefix.join(' ')})` : `running as uid ${nobody}`;
}

/** Nobody has to pass through the data folder to reach the cluster in it. This allows passing, not listing or reading. */
async function letThrough(dataDir: string): Promise<void> {
  const { mode } = await stat(dataDir);
  if ((mode & 0o001) === 0) await chmod(dataDir, (mode & 0o7777) | 0o001);
}

/** Reaches for the folder and for the program in one go. Gives what went wrong, undefined if nothing. */
async function trial(runAs: RunAs, binaries: Binaries, dataDir: string): Promise<string | undefined> {
  const script = ['-c', 'cd "$1" && exec "$2" --version', 'sh', dataDir, binaries.postgres];
  const { code, output } = await runToEnd(runAs, '/bin/sh', script, binaries.environment);
  return code === 0 ? undefined : output.trim().split('\n').slice(-2).join(' ') || `exit status ${code}`;
}

/** Program, arguments and options for spawn. */
export function spawnArguments(runAs: RunAs, file: string, args: readonly string[]): [string, string[], SpawnOptions] {
  const [program = file, ...rest] = [...runAs.prefix, file, ...args];
  return [program, rest, { ...runAs.ids }];
}

/** Runs a program to its end. Gives its exit status (-1 if it could not start or was killed) and all it wrote. */
export function runToEnd(
  runAs: RunAs,
  file: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const [program, all, options] = spawnArguments(runAs, file, args);
  return new Promise((resolve) => {
    const child = spawn(program, all, { ...options, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: -1, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}
