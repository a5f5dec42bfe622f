/**
 * npm run build                builds dist/ from src/ and generated/
 * node scripts/build.mjs --if-stale  builds only when a source is newer than the last build
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
/** The contract of the last release is for those who make the next one. */
const released = join(root, 'generated', 'released');
const sources = ['src', 'generated']
  .flatMap((folder) => filesBelow(join(root, folder)))
  .filter((file) => !file.startsWith(released));

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function isFresh() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return readFileSync(stamp, 'utf8') === sources.length.toString() && sources.every((file) => statSync(file).mtimeMs <= built);
}

if (process.argv.includes('--if-stale') && isFresh()) process.exit(0);

const swc = await import('@swc/core').catch(() => {
  console.error(
    'portolan: dist/ is missing or older than src/, and the compiler is not installed. Run `npm ci` (with development dependencies) first.',
  );
  process.exit(1);
});

/**
 * What `portolan/client` is beside its CommonJS files: declarations, and one ES module. Its declarations are the same for
 * both kinds of import, so that `index.d.mts` only passes them on.
 */
async function buildClient() {
  const { default: ts } = await import('typescript');
  const client = join(dist, 'src', 'client');
  for (const file of sources) {
    const name = relative(root, file);
    if (!/^src\/client\/|^generated\/(contract|clientCalls)\.ts$/.test(name)) continue;
    const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
      fileName: name,
      reportDiagnostics: true,
      compilerOptions: { declaration: true, isolatedDeclarations: true, strict: true, target: ts.ScriptTarget.ES2022 },
    });
    for (const { messageText } of diagnostics) throw new Error(`${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    writeFileSync(join(dist, name.replace(/\.ts$/, '.d.ts')), outputText);
  }
  writeFileSync(join(client, 'index.d.mts'), "export * from './index.js';\n");
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(root, 'src/client/index.ts')],
    outfile: join(client, 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['openapi-fetch'],
    sourcemap: true,
    logLevel: 'error',
  });
}

const started = Date.now();
rmSync(dist, { recursive: true, force: true });
for (const file of sources) {
  const target = join(dist, relative(root, file));
  mkdirSync(dirname(target), { recursive: true });
  if (extname(file) !== '.ts' || file.endsWith('.d.ts')) {
    cpSync(file, target);
    continue;
  }
  const { code, map } = await swc.transformFile(file, { configFile: join(root, '.swcrc'), cwd: root, swcrc: false });
  const script = target.replace(/\.ts$/, '.js');
  writeFileSync(script, `${code}\n//# sourceMappingURL=${script.slice(dirname(script).length + 1)}.map\n`);
  if (map) writeFileSync(`${script}.map`, map);
}
await buildClient();
cpSync(join(root, 'openapi.yaml'), join(dist, 'openapi.yaml'));
writeFileSync(stamp, sources.length.toString());
console.error(`built dist/ from ${sources.length} files in ${Date.now() - started} ms`);
