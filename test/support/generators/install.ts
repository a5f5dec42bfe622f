import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Generators that want a newer Node than this package promises to its users, so they are no dependencies of it. They do run
 * on this one. Their lock file pins all of what they bring.
 */
const files = ['package.json', 'package-lock.json'];

/** One folder for each state of the lock file, shared by all runs on this machine. */
export function folderOfGenerators(): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(__dirname, file)));
  return join(tmpdir(), `portolan-generators-${hash.digest('hex').slice(0, 16)}`);
}

/** Installs the generators where they are missing; gives the reason when that cannot be done. */
export async function ensureGenerators(say: (line: string) => void): Promise<string | undefined> {
  const folder = folderOfGenerators();
  if (existsSync(folder)) return undefined;
  say(`Installing generators of clients with npm, at pinned versions, into ${folder} …`);
  mkdirSync(tmpdir(), { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), 'portolan-generators-new-'));
  try {
    for (const file of files) copyFileSync(join(__dirname, file), join(fresh, file));
    const { status, output } = await running('npm', [...ci, '--ignore-scripts', '--engine-strict=false'], { cwd: fresh });
    if (status !== 0) return output.trim().split('\n').at(-1) || `npm ci ended with ${status}`;
    // Only a whole installation gets the name; another run may have been faster.
    if (!existsSync(folder)) renameSync(fresh, folder);
    return undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const ci = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];

/** Runs a program to its end; the service under test lives in this process, so nothing may block it meanwhile. */
export function running(
  program: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<{ status: number | null; output: string }> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', failed).on('close', (status) => done({ status, output }));
  });
}
