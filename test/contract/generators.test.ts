import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { adminEmail, adminPassword } from '../support/config';
import { ensureGenerators, folderOfGenerators, running } from '../support/generators/install';
import { type Portolan, startPortolan } from '../support/portolan';

/** The TypeScript of docs/generators.md, as it stands there: generated without a warning, compiled, called. */

const root = resolve(__dirname, '../..');
const guide = readFileSync(join(root, 'docs/generators.md'), 'utf8');

/** Where a generator is installed, and the one setting that the files it brings along do not pass. */
const generators: { heading: string; package: string; bin: string; from: () => string; lax?: string }[] = [
  { heading: 'openapi-typescript', package: 'openapi-typescript', bin: 'openapi-typescript', from: () => root },
  { heading: 'Redocly', package: '@redocly/cli', bin: 'redocly', from: () => root },
  {
    heading: 'Hey API',
    package: '@hey-api/openapi-ts',
    bin: 'openapi-ts',
    from: folderOfGenerators,
    lax: 'exactOptionalPropertyTypes',
  },
  { heading: 'orval', package: 'orval', bin: 'orval', from: folderOfGenerators },
];

const strictest = {
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  types: [],
  noEmit: true,
};

/** The code of one language below a heading. */
function codeOf(heading: string, language: string): string | undefined {
  const section = guide.split(/^## /m).find((one) => one.startsWith(`${heading}\n`));
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section ?? '')?.[1];
}

const here = (code: string) =>
  code
    .replaceAll('http://127.0.0.1:3000', service.url)
    .replaceAll('admin@portolan.local', adminEmail)
    .replaceAll('the printed password', adminPassword);

let service: Portolan;
let missing: string | undefined;
const folder = mkdtempSync(join(tmpdir(), 'generators-'));

beforeAll(async () => {
  [service, missing] = await Promise.all([startPortolan(), ensureGenerators((line) => process.stderr.write(`${line}\n`))]);
}, 300_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with the contract, the files of the guide, and what the examples import from npm. */
function workFolder(heading: string): string {
  const cwd = join(folder, heading.replace(/\W/g, ''));
  mkdirSync(cwd);
  copyFileSync(join(root, 'generated/openapi.json'), join(cwd, 'openapi.json'));
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
  const config = codeOf(heading, 'js');
  if (config) writeFileSync(join(cwd, (/^\/\/ (\S+)/.exec(config) as string[])[1] as string), here(config));
  writeFileSync(join(cwd, 'first-call.ts'), `${here(codeOf(heading, 'ts') as string)}\nexport {};\n`);
  return cwd;
}

/** Without colours, telemetry and the notice that Node 20 has seen better days. */
const quiet = { NO_COLOR: '1', REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', DO_NOT_TRACK: '1', CI: 'true' };
const withoutBanner = (output: string) => output.replace(/^ *[╔║╚].*$/gm, '');

describe.each(generators)('$heading', ({ heading, package: name, bin, from, lax }) => {
  test('generates, compiles and calls as docs/generators.md says', async () => {
    if (missing && from() !== root) {
      if (process.env.CI && process.env.CI !== 'false') throw new Error(`CI must not skip ${name}: ${missing}`);
      process.stderr.write(`${name} is skipped: ${missing}\n`);
      return;
    }
    const cwd = workFolder(heading);
    const { version } = JSON.parse(readFileSync(join(from(), 'node_modules', name, 'package.json'), 'utf8'));
    const command = (codeOf(heading, 'sh') as string).trim();
    expect(command).toMatch(`npx ${name}@${version} `);

    const path = [join(from(), 'node_modules/.bin'), process.env.PATH].join(delimiter);
    const here = { cwd, env: { ...process.env, ...quiet, PATH: path } };
    const generated = await running('sh', ['-c', command.replace(/npx \S+/, bin)], here);
    expect([generated.status, withoutBanner(generated.output)]).toEqual([0, expect.not.stringMatching(/warn|error|deprecat/i)]);

    const compilerOptions = { ...strictest, ...(lax ? { [lax]: false } : {}) };
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', 'portolan'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    expect(await running(process.execPath, [compiler, '-p', cwd], { cwd })).toEqual({ status: 0, output: '' });

    const outfile = join(cwd, 'first-call.mjs');
    await build({ entryPoints: [join(cwd, 'first-call.ts')], outfile, bundle: true, format: 'esm', platform: 'node' });
    expect(await running(process.execPath, [outfile], { cwd })).toEqual({ status: 0, output: 'management\n' });
  }, 300_000);
});
