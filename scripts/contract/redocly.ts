import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Finding } from './findings';

const root = resolve(__dirname, '../..');
const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js');

/** Runs `work` with a folder that is gone afterwards. */
export function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-contract-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As inTemporaryFolder, for work that takes its time. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-contract-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs redocly and gives its JSON. It ends itself without waiting for a pipe to drain, so its output goes to a file; its
 * banners and notices go to stderr, which is shown only when there is no JSON.
 */
export function runRedocly(args: string[], cwd: string): unknown {
  return inTemporaryFolder((folder) => {
    const path = join(folder, 'out.json');
    const out = openSync(path, 'w');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const done = spawnSync(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', out, 'pipe'], encoding: 'utf8' });
    closeSync(out);
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      throw new Error(`redocly ${args[0]} gave no result (exit ${done.status}):\n${done.error?.message ?? done.stderr}`);
    }
  });
}

interface LintProblem {
  ruleId: string;
  message: string;
  location: { pointer?: string; start?: { line: number } }[];
  reference?: string;
}

/** The findings of `redocly lint` with the rules of redocly.yaml. A warning that nobody acts on is noise, so all count. */
export function lintWithRedocly(file: string): Finding[] {
  const args = ['lint', resolve(file), '--config', join(root, 'redocly.yaml'), '--format', 'json', '--max-problems', '10000'];
  const { problems } = runRedocly(args, root) as { problems: LintProblem[] };
  return problems.map(({ ruleId, message, location: [place], reference }) => ({
    rule: `redocly/${ruleId}`,
    file,
    line: place?.start?.line ?? 1,
    pointer: place?.pointer ?? '#',
    message,
    wayOut: reference ? `See ${reference}.` : '',
  }));
}
