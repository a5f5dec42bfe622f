import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

export interface CollectionRun {
  baseUrl: string;
  email: string;
  password: string;
  /** Further variables of the environment: `registryUrl`, `metricsUrl` … */
  variables?: Record<string, string>;
  /** Names of folders; absent: all. */
  folders?: string[];
}

export interface CollectionResult {
  /** The requests that were sent, by name, in their order. */
  requests: string[];
  /** Each test that failed, and each request or script that ended in an error, with the request's name. */
  failures: string[];
  /** What newman printed. */
  output: string;
}

/** Runs the committed collection as a person does: `npx newman run generated/postman.json -e … --env-var …`. */
export async function runCollection(run: CollectionRun): Promise<CollectionResult> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-newman-'));
  const report = join(folder, 'report.json');
  const variables = { baseUrl: run.baseUrl, adminEmail: run.email, adminPassword: run.password, ...run.variables };
  const argv = [
    ...['run', 'generated/postman.json', '-e', 'generated/postman-environment.json'],
    ...Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]),
    ...(run.folders ?? []).flatMap((name) => ['--folder', name]),
    ...['--color', 'off', '--reporters', 'cli,json', '--reporter-json-export', report],
  ];
  try {
    const output = await newman(argv);
    return { ...readReport(report), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function newman(argv: string[]): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const options = { cwd: root, env: { PATH, HOME }, timeout: 280_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [require.resolve('newman/bin/newman.js'), ...argv], options, (error, stdout, stderr) => {
      // Exit code 1: a test failed, and the report says which.
      if (error && error.code !== 1) reject(new Error(`newman did not run: ${error.message}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

interface Report {
  run: {
    executions: { item: { name: string }; response?: unknown }[];
    failures: { source?: { name?: string }; error: { test?: string; message: string } }[];
  };
}

function readReport(path: string): Pick<CollectionResult, 'requests' | 'failures'> {
  const { run } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  return {
    requests: run.executions.filter(({ response }) => response !== undefined).map(({ item }) => item.name),
    failures: run.failures.map(({ source, error }) => `${source?.name ?? 'collection'}: ${error.test ?? ''} ${error.message}`),
  };
}
