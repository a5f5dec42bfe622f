import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { build, type Program, run } from './program';

/** `portolan mock` as a program: from the README, from docs/consumers.md, and from the packed package. */

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'portolan-mock-'));
const programs: Program[] = [];
beforeAll(build, 90_000);
afterAll(async () => {
  for (const { child, ended } of programs) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const blocksOf = (file: string, heading: string, language: string): string[] => {
  const section =
    readFileSync(join(root, file), 'utf8')
      .split(`${heading}\n`)[1]
      ?.split(/^#{1,3} /m)[0] ?? '';
  return [...section.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1] as string);
};

const bash = async (script: string, cwd: string): Promise<string> => {
  const { PATH = '', HOME = '' } = process.env;
  return (await promisify(execFile)('bash', ['-c', script], { cwd, env: { PATH, HOME }, timeout: 80_000 })).stdout;
};

async function started(options: string): Promise<Program & { url: string }> {
  const program = run(`mock ${options}`, {});
  programs.push(program);
  let over = false;
  void program.ended.then(() => {
    over = true;
  });
  for (; !over; await delay(20)) {
    const url = /mock answers at (\S+)/.exec(program.output())?.[1];
    if (url) return { ...program, url };
  }
  throw new Error(program.output());
}

describe('the program', () => {
  test('says where it answers, records what was asked, and ends with 0 on a signal', async () => {
    const record = join(folder, 'asked.jsonl');
    const { url, child, ended, output } = await started(`--port 0 --delay-ms 1 --record ${record}`);
    expect(output()).toMatch(/contract {3}http:\S+\/openapi\.json {3}version \d+\.\d+\.\d+/);
    expect((await fetch(`${url}/api/services/none?secret=1`)).status).toBe(401);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const lines = readFileSync(record, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { method: 'GET', path: '/api/services/none', operationId: 'getService', status: 401, requestId: expect.any(String) },
      { method: 'GET', path: '/nowhere', operationId: null, status: 404, requestId: expect.any(String) },
    ]);
  }, 60_000);

  test('tells in words what is wrong with its address and options', async () => {
    const { url } = await started('--port 0');
    const taken = run(`mock --port ${new URL(url).port}`, {});
    expect([await taken.ended, taken.output()]).toEqual([
      1,
      expect.stringMatching(/^portolan: Port \d+ .* --port, or 0 for any\.\n$/),
    ]);
    const wrong = run('mock --port http', {});
    expect([await wrong.ended, wrong.output()]).toEqual([2, expect.stringContaining('A port is a whole number up to 65535.')]);
  }, 60_000);

  test('loads nothing that talks to a database', () => {
    const script = `require('./dist/src/commands/mock/serveMock.js');
      const loaded = Object.keys(require.cache).filter((file) => /node_modules\\/(pg|kysely|graphile-worker)\\//.test(file));
      console.log(JSON.stringify(loaded));`;
    expect(execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' })).toBe('[]\n');
  }, 60_000);
});

describe('the README', () => {
  test('shows calls that answer as it says', async () => {
    const port = await freePort();
    const [script] = blocksOf('README.md', '### Against a mock', 'sh');
    const stdout = await bash(`set -euo pipefail\n${script?.replaceAll('4010', String(port))}`, root);
    expect(stdout).toContain('"environments":[{');
    expect(stdout).toContain('"hint":"Did you mean displayName?"');
    expect(stdout).toContain('"code":"NOT_FOUND"');
  }, 90_000);
});

describe('docs/consumers.md, with the packed package', () => {
  const project = join(folder, 'project');
  beforeAll(() => {
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    execFileSync('tar', ['-xzf', packed.trim().split('\n').at(-1) as string], { cwd: folder });
    mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'package', 'node_modules'));
    symlinkSync(join(folder, 'package', 'dist', 'src', 'main.js'), join(project, 'node_modules', '.bin', 'portolan'));
    execFileSync('chmod', ['+x', join(folder, 'package', 'dist', 'src', 'main.js')]);
    const call = `fetch(process.env.PORTOLAN_URL + '/api/' + process.argv[1], { headers: { authorization: 'Bearer ' + process.env.PORTOLAN_TOKEN } })
      .then(async (answer) => console.log(answer.status, Object.keys(await answer.json()).join()))`;
    writeFileSync(join(project, 'call.js'), call.replaceAll('argv[1]', 'argv[2]'));
    const scripts = { test: 'node call.js environments && node call.js servers/none' };
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, scripts }));
  }, 120_000);

  test('starts, waits, tests, stops, and tells which operations were used', async () => {
    const port = await freePort();
    const [script] = blocksOf('docs/consumers.md', '## In CI', 'sh');
    const ran = await bash(`set -euo pipefail\n${script?.replaceAll('4010', String(port))}`, project);
    expect(ran).toContain('200 environments,total,nextCursor');
    expect(ran).toContain('404 code,');
    const [report] = blocksOf('docs/consumers.md', '## Contract tests from your side', 'sh');
    expect((await bash(report as string, project)).split('\n')).toEqual([
      '404 GET /api/servers/none getServer',
      'getHealth',
      'getServer',
      'listEnvironments',
      '',
    ]);
  }, 120_000);

  test('has the same steps for GitHub and GitLab', () => {
    const [script] = blocksOf('docs/consumers.md', '## In CI', 'sh');
    const [github, gitlab] = blocksOf('docs/consumers.md', '## In CI', 'yaml').map((text) => parse(text));
    const steps = (script as string)
      .trim()
      .split('\n')
      .filter((line) => !/MOCK/.test(line));
    const [ran] = github.jobs.test.steps.flatMap(({ run: text }: { run?: string }) => (text?.includes('mock') ? [text] : []));
    expect(ran.trim().split('\n')).toEqual(steps);
    expect(gitlab.test.script).toEqual(['npm ci', ...steps]);
  });
});
