import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandTable } from '../../src/commands/client/knownCommands';
import { Home } from '../support/commandLine';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { build } from './program';

/** The command line as a program of its own, from a shell. */

const root = join(__dirname, '..', '..');
const home = new Home();
let portolan: Portolan;
let env: Record<string, string>;
beforeAll(async () => {
  await build();
  portolan = await startPortolan();
  const program = join(home.folder, 'portolan');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist/src/main.js')}' "$@"\n`);
  chmodSync(program, 0o755);
  env = {
    PATH: `${home.folder}:${process.env.PATH}`,
    HOME: home.folder,
    PORTOLAN_URL: portolan.url,
    PORTOLAN_TOKEN: portolan.adminToken,
  };
}, 90_000);
afterAll(async () => {
  await portolan.close();
  home.close();
});

/** Runs a line in bash; the service answers in this process, so that nothing may block it. */
async function bash(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)('bash', ['-c', line], { env, timeout: 25_000 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('portolan', () => {
  test('calls the service, and ends with codes for scripts', async () => {
    const name = `prod-${process.pid}`;
    expect(await bash(`portolan environments create --name ${name} --query environment.name`)).toMatchObject({
      code: 0,
      stdout: `${name}\n`,
      stderr: '',
    });
    expect(await bash(`portolan environments create --name ${name}`)).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringMatching(/^portolan: .*409 CONFLICT.*request id: /s),
    });
    expect((await bash(`portolan registries list --env ${name} --all --json`)).stdout).toMatch(/"registries": \[\]/);
    expect((await bash('portolan registries lst')).code).toBe(2);
    expect((await bash('PORTOLAN_TOKEN=ptl_pat_none portolan whoami')).code).toBe(3);
  }, 60_000);

  test('ends quietly when its reader has seen enough', async () => {
    const ran = await bash('set -o pipefail; portolan system get-openapi-yaml | head -1');
    expect(ran).toEqual({ code: 0, stdout: 'openapi: 3.1.0\n', stderr: '' });
  }, 30_000);

  test('prints what was missed, and ends, when it shall not follow', async () => {
    const ran = await bash('portolan events stream --no-follow --last-event-id not-an-id --json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('"event":"reset"');
  }, 30_000);

  test('prints events as they come', async () => {
    const stream = spawn('portolan', ['events', 'stream', '--types', 'resource_changed', '--json'], { env });
    let [printed, told] = ['', ''];
    stream.stderr.on('data', (chunk) => {
      told += chunk;
    });
    const line = new Promise<string>((resolve, reject) => {
      stream.stdout.on('data', (chunk) => {
        printed += chunk;
        if (printed.includes('\n')) resolve(printed);
      });
      stream.on('exit', () => reject(new Error(`It ended: ${printed}${told}`)));
    });
    const body = { name: `r-${process.pid}`, type: 'generic', registryUrl: 'ghcr.io' };
    const envId = await environment(portolan);
    // Events from before the stream was open are not told.
    let made = 0;
    const making = setInterval(() => {
      void portolan.call('createRegistry', { path: { envId }, body: { ...body, name: `${body.name}-${++made}` } });
    }, 300);
    const event = JSON.parse((await line.finally(() => clearInterval(making))).split('\n')[0] as string);
    expect(event).toMatchObject({ id: expect.any(String), event: expect.any(String), data: { environmentId: envId } });
    const gone = new Promise((resolve) => stream.on('close', resolve));
    stream.removeAllListeners('exit');
    stream.kill('SIGTERM');
    await gone;
  }, 30_000);

  test('loads nothing of the service to tell its commands', () => {
    const script = `
      process.argv = [process.argv[0], 'portolan', '--help'];
      require(${JSON.stringify(join(root, 'dist/src/main.js'))});
      process.on('exit', () => console.error(Object.keys(require.cache).join('\\n')));`;
    const { stderr, stdout } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8' });
    expect(stdout).toContain('registries');
    const own = stderr.split('\n').filter((path) => path.startsWith(join(root, 'dist')));
    // Of the service's own commands no more than their descriptions.
    const light = /dist\/(src\/(main|config\/env|commands\/(client\/)?\w+)|generated\/commands)\.js/;
    const heavy = /commands\/(serve|work|worker|migrate|boot|database)\.js/;
    expect(own.filter((path) => !light.test(path) || heavy.test(path))).toEqual([]);
    expect(stderr).not.toMatch(/node_modules\/(express|kysely|pg|pino|ajv|cli-table3|undici)\//);
  }, 30_000);

  const proc = existsSync('/proc/self/cmdline') ? test : test.skip;
  proc(
    'shows no secret to other processes',
    async () => {
      const envId = await environment(portolan);
      const password = home.file('canary-of-the-process-list');
      const child = spawn(
        'portolan',
        [
          'registries',
          'create',
          '--env',
          envId,
          '--name',
          'ps',
          '--type',
          'generic',
          '--registry-url',
          'ghcr.io',
          '--username',
          'ci',
          '--password',
          password,
        ],
        { env },
      );
      const seen: string[] = [];
      const watching = setInterval(() => seen.push(...commandLines()), 20);
      const code = await new Promise((resolve) => child.on('close', resolve));
      clearInterval(watching);
      expect(code).toBe(0);
      expect(seen.some((line) => line.includes('registries create'))).toBe(true);
      expect(seen.filter((line) => line.includes('canary-of-the-process-list'))).toEqual([]);
    },
    30_000,
  );
});

function commandLines(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      return [readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return [];
    }
  });
}

describe('completion in bash', () => {
  /** What bash offers for a line that ends where the cursor is. */
  async function offered(...words: string[]): Promise<string[]> {
    const list = words.map((word) => `'${word}'`).join(' ');
    const { stdout, stderr } = await bash(
      `source <(portolan completion bash); COMP_WORDS=(portolan ${list}); COMP_CWORD=${words.length}; _portolan; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    expect(stderr).toBe('');
    return stdout.split('\n').filter(Boolean);
  }

  test('knows groups, verbs, flags and choices', async () => {
    expect(await offered('regis')).toEqual(['registries']);
    const groups = await offered('');
    for (const { name } of commandTable.groups) expect(groups).toContain(name);
    expect(groups).toEqual(expect.arrayContaining(['serve', 'login', 'completion']));
    const verbs = commandTable.groups.find(({ name }) => name === 'registries')?.commands.map(({ verb }) => verb);
    expect(await offered('registries', '')).toEqual([...(verbs ?? [])].sort());
    expect(await offered('registries', 'update', 'ghcr', '--refr')).toEqual(['--refresh-interval-minutes']);
    expect(await offered('registries', 'create', '--type', 'd')).toEqual(['digitalocean', 'dockerhub']);
    expect(await offered('login', '--pass')).toEqual(['--password-stdin']);
    expect(await offered('completion', '')).toEqual(['bash', 'fish', 'zsh']);
  }, 60_000);

  test('leaves files to bash', async () => {
    expect(await offered('environments', 'create', '--body', '@')).toEqual([]);
    expect(
      execFileSync('bash', ['-c', 'source <(portolan completion bash); complete -p portolan'], { env, encoding: 'utf8' }),
    ).toContain('-o default');
  }, 30_000);
});
