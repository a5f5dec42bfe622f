import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as bundle } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { startProcessWorker } from '../../src/commands/worker';
import { environment } from '../support/fixtures';
import { blocksOf, FreshProject } from '../support/freshProject';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry } from '../support/registry/registry';
import { connectionTo, imageOf } from '../support/registry/scene';
import { build } from './program';

/** The package as others get it: packed, installed in a folder of theirs, compiled there and run. */

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8').split('### From TypeScript\n')[1]?.split('\n### ')[0] as string;
const project = new FreshProject();
let portolan: Portolan;
let origin: string;
let firstCalls: string;
const page = createServer((_, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>A page.'),
);

beforeAll(async () => {
  await build();
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
  portolan = await startPortolan({ CORS_ORIGIN: origin });
  // dist/ is built, and other tests run it: packing must not build it anew beneath them.
  const commands = (blocksOf(readme, 'sh')[0] as string).replace('npm pack', 'npm pack --ignore-scripts');
  const script = `set -euo pipefail\ncd '${root}'\nPORTOLAN=${portolan.url}\nTOKEN=${portolan.adminToken}\n${commands}`;
  firstCalls = await project.run('bash', ['-c', script]);
  project.folder = join(project.home, 'hello');
}, 600_000);
afterAll(async () => {
  page.close();
  await portolan?.close();
  project.remove();
});

const credentials = () => ({ PORTOLAN_URL: portolan.url, PORTOLAN_TOKEN: portolan.adminToken });

test('three calls in a fresh folder print what the README says', () => {
  const general = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>').replace(/req_[0-9a-f-]+/g, '<request>');
  const printed = firstCalls.trim().split('\n').slice(-2).join('\n');
  expect(general(printed)).toBe(general((blocksOf(readme, 'text')[0] as string).trim()));
});

/** What a project of this kind says to the compiler, beside `strict`. */
const kinds = {
  'node16, as an ES module': {
    ending: 'mts',
    options: { module: 'node16', moduleResolution: 'node16', lib: ['es2023'], types: ['node'] },
  },
  'node16, as CommonJS': {
    ending: 'cts',
    options: { module: 'node16', moduleResolution: 'node16', lib: ['es2023'], types: ['node'] },
  },
  bundler: {
    ending: 'ts',
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'], types: [] },
  },
};

const typed = readFileSync(join(__dirname, '..', 'support', 'typedCalls.ts'), 'utf8').replace(
  '../../src/client',
  'portolan/client',
);
const expected = (typed.match(/@ts-expect-error/g) ?? []).length;

describe.each(Object.entries(kinds))('types under %s', (_, { ending, options }) => {
  test('take what is right, and refuse what is wrong', async () => {
    project.write(`typed.${ending}`, typed);
    project.write(`refused.${ending}`, typed.replaceAll('@ts-expect-error', 'refused:'));
    const compilerOptions = {
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      ...options,
    };
    project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [`typed.${ending}`, `refused.${ending}`] }));
    const errors = await project.run('npx', ['tsc', '-p', '.']).catch((error: Error) => error.message);
    expect(errors.match(/^\S+(?=: error)/gm)?.filter((place) => !place.startsWith('refused.'))).toEqual([]);
    const places = new Set(errors.match(/^refused\.\w+\(\d+/gm));
    expect([places.size, expected > 15]).toEqual([expected, true]);
    expect(errors).toContain("'registryUrll' does not exist in type");
  }, 240_000);
});

test('require works as import does', async () => {
  const script = `const { createPortolan } = require('portolan/client');
    createPortolan({ url: '${portolan.url}' }).call.getHealth().then(({ status }) => console.log(status));`;
  expect(await project.run('node', ['-e', script])).toBe('ok\n');
  expect(await project.run('node', ['-p', "require('portolan/openapi.json').openapi"])).toBe('3.1.0\n');
  expect(await project.run('npx', ['portolan', '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('the recipes of docs/sdk.md', () => {
  const recipes = new Map(
    readFileSync(join(root, 'docs', 'sdk.md'), 'utf8')
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.split('\n')[0] as string, part]),
  );
  const titles = [...recipes.keys()];
  const fileOf = (title: string) => `recipe${titles.indexOf(title) + 1}`;
  beforeAll(async () => {
    for (const title of titles) project.write(`${fileOf(title)}.mts`, blocksOf(recipes.get(title) as string, 'ts')[0] as string);
    await project.run('npx', ['tsc', '--strict', '--module', 'nodenext', ...titles.map((title) => `${fileOf(title)}.mts`)]);
  }, 240_000);
  const run = async (title: string, ...args: string[]) => {
    const shell = ['-c', 'node "$@" || echo "exit code $?" >&2', 'sh', `${fileOf(title)}.mjs`, ...args];
    return {
      printed: await project.run('sh', shell, credentials()),
      promised: blocksOf(recipes.get(title) as string, 'text')[0],
    };
  };

  test('are five', () => {
    expect(recipes.size).toBe(5);
  });

  test.each([
    'Create, and read lists to their end',
    "Write on a bad network, and over nobody's head",
    'Follow what happens',
    'A CI job with a narrow token',
  ])(
    '%s',
    async (title) => {
      const { printed, promised } = await run(title);
      expect(printed).toBe(promised);
    },
    60_000,
  );

  describeWithRegistry('with a real registry', () => {
    test('Wait for a refresh', async () => {
      const registry = await startRegistry();
      const worker = await startProcessWorker(portolan.context);
      try {
        const envId = await environment(portolan);
        const { id } = await connectionTo(portolan, envId, registry);
        await pushImage(registry, 'acme/shop', ['1.0.0']);
        await imageOf(portolan, envId, registry, 'acme/shop');
        const { printed, promised } = await run('Wait for a refresh', id);
        expect(printed).toBe(promised);
      } finally {
        await worker.stop();
        await registry.close();
      }
    }, 60_000);
  });
});

const executablePath = '/usr/bin/chromium';
const present = existsSync(executablePath);
if (!present) console.warn(`The client is not tried in a browser: there is no ${executablePath}.`);
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe('a bundle for browsers', () => {
  let code: string;
  let inputs: string[];
  beforeAll(async () => {
    project.write(
      'page.js',
      `import { createPortolan, PortolanError } from 'portolan/client';\nObject.assign(globalThis, { createPortolan, PortolanError });\n`,
    );
    const built = await bundle({
      entryPoints: [join(project.folder, 'page.js')],
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'iife',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    code = built.outputFiles[0]?.text as string;
    inputs = Object.keys(built.metafile.inputs).map((path) => path.slice(path.lastIndexOf('node_modules/')));
  });

  test('holds the client and openapi-fetch, nothing of Node, and is small', () => {
    expect(inputs.filter((path) => path.startsWith('node_modules/')).sort()).toEqual([
      'node_modules/openapi-fetch/dist/index.mjs',
      'node_modules/portolan/dist/src/client/index.mjs',
    ]);
    expect(code.length).toBeLessThan(50_000);
    expect(gzipSync(code).length).toBeLessThan(12_000);
  });

  /** CI has a browser; without one it must not pass by skipping. */
  const inBrowser = present || process.env.CI ? test : test.skip;
  inBrowser(
    'calls, retries, pages, uploads, follows events and hears errors from another origin',
    async () => {
      const browser: Browser = await chromium.launch({ executablePath, args: flags });
      try {
        const tab = await browser.newPage();
        await tab.goto(origin);
        await tab.addScriptTag({ content: code });
        const told = await tab.evaluate(inThePage, { url: portolan.url, token: portolan.adminToken });
        expect(told).toEqual({
          name: 'from-a-browser',
          etag: expect.stringMatching(/^"/),
          registries: ['a', 'b', 'c'],
          uploaded: 'dot.svg',
          event: 'resource_changed',
          error: { name: 'PortolanError', code: 'NOT_FOUND', status: 404, requestId: expect.stringMatching(/^req_/) },
          tries: 2,
        });
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});

/** Runs in the browser: nothing from outside is there but its argument and what the bundle set. */
async function inThePage({ url, token }: { url: string; token: string }) {
  const { createPortolan } = globalThis as unknown as typeof import('../../src/client');
  let tries = 0;
  const unsteady = async (request: Request) => {
    if (request.method === 'POST' && request.url.endsWith('/environments') && ++tries === 1)
      throw new TypeError('Failed to fetch');
    return fetch(request);
  };
  const portolan = createPortolan({ url, token: async () => token, fetch: unsteady, retries: { baseDelayMs: 1 } });
  const { data, response } = await portolan.call.createEnvironment({ body: { name: 'from-a-browser' } }).withResponse();
  const path = { envId: data.environment.id };
  const events = portolan.events({ environmentId: [data.environment.id], types: ['resource_changed'] });
  const first = events.next();
  for (const name of ['a', 'b', 'c']) {
    await portolan.call.createRegistry({ path, body: { name, type: 'generic', registryUrl: 'ghcr.io' } });
  }
  const registries: string[] = [];
  for await (const { name } of portolan.each.listRegistries({ path, query: { limit: 2, sort: 'name' } })) registries.push(name);
  const file = new File(['<svg/>'], 'dot.svg', { type: 'image/svg+xml' });
  const { configFile } = await portolan.call.uploadConfigAsset({ path, body: { file, name: 'dot' } });
  let changing = true;
  const changes = (async () => {
    for (let n = 0; changing; n++) await portolan.call.createVar({ path, body: { key: `KEY_${n}`, value: 'x' } });
  })();
  const event = (await first).value?.type;
  changing = false;
  await changes;
  await events.return?.();
  const error = await portolan.call.getRegistry({ path: { id: 'none' } }).then(
    () => null,
    ({ name, code, status, requestId }) => ({ name, code, status, requestId }),
  );
  const etag = response.headers.get('ETag');
  return { name: data.environment.name, etag, registries, uploaded: configFile.filename, event, error, tries };
}
