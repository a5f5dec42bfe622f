import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { operationIds } from './support/contract';

/** The rules of the house that no compiler holds: who imports whom, where SQL stands, what files are called. */

const root = join(__dirname, '..');

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

interface Import {
  /** Path from the root without extension for our own files, else the package's name. */
  target: string;
  own: boolean;
  typeOnly: boolean;
}

function targetOf(file: string, specifier: string): { target: string; own: boolean } {
  if (!specifier.startsWith('.')) return { target: specifier, own: false };
  const path = relative(root, join(root, dirname(file), specifier));
  const isFolder = !existsSync(join(root, `${path}.ts`)) && existsSync(join(root, path, 'index.ts'));
  return { target: isFolder ? `${path}/index` : path, own: true };
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      const typeOnly = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly === true || onlyTypes(node) : node.isTypeOnly;
      found.push({ ...targetOf(file, node.moduleSpecifier.text), typeOnly });
    }
    const isCall =
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText(source) === 'require');
    const [argument] = isCall ? node.arguments : [];
    if (argument && ts.isStringLiteral(argument)) found.push({ ...targetOf(file, argument.text), typeOnly: false });
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ ...targetOf(file, node.argument.literal.text), typeOnly: true });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import { type A, type B }`. */
function onlyTypes({ importClause }: ts.ImportDeclaration): boolean {
  const bindings = importClause?.namedBindings;
  if (!importClause || importClause.name || !bindings || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

const sources = filesBelow('src');
const imports = new Map(sources.map((file) => [file, importsOf(file)]));
const textOf = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** `src/store/users.ts` and `src/context.ts` as `store` and `context`. */
const layerOf = (file: string): string => (file.split('/')[1] as string).replace(/\.ts$/, '');

/** Layer to what it may import: a folder, or one file. `import type` counts as import does. */
const mayImport: Record<string, string[]> = {
  domain: ['src/domain/'],
  store: ['src/store/', 'src/domain/', 'generated/database'],
  integrations: ['src/integrations/', 'src/domain/'],
  deploy: ['src/deploy/', 'src/domain/', 'src/store/', 'src/integrations/'],
  jobs: ['src/jobs/', 'src/domain/', 'src/store/', 'src/integrations/', 'src/deploy/'],
  auth: ['src/auth/', 'src/domain/', 'src/store/'],
  operations: [
    'src/operations/',
    'src/domain/',
    'src/store/',
    'src/jobs/',
    'src/integrations/',
    'src/auth/passwords',
    'src/auth/apiTokens',
    'src/auth/eventTickets',
    'src/auth/refreshTokens',
    'generated/contract',
    'generated/operations',
  ],
  // The dispatcher owns the transaction and idempotency.
  http: [
    'src/http/',
    'src/operations/',
    'src/auth/',
    'src/domain/',
    'src/store/database',
    'src/store/audit',
    'src/store/idempotency',
    'src/store/databaseErrors',
    'src/store/sealing',
    'generated/',
  ],
  client: ['src/client/', 'generated/contract', 'generated/clientCalls'],
  config: ['src/config/'],
  commands: ['src/', 'generated/'],
  context: ['src/', 'generated/'],
  main: ['src/', 'generated/'],
};
/** Layer to what it may import by `import type` only. */
const mayImportTypes: Record<string, string[]> = { config: ['src/store/sealing', 'src/http/rateLimits'] };

const allows = (rules: string[] = [], target: string) =>
  rules.some((rule) => (rule.endsWith('/') ? target.startsWith(rule) : target === rule));

describe('imports', () => {
  test('each layer imports what the house allows', () => {
    const strangers = sources.flatMap((file) => {
      const layer = layerOf(file);
      const wrong = imports.get(file)?.filter(({ own, target, typeOnly }) => {
        return own && !allows(mayImport[layer], target) && !(typeOnly && allows(mayImportTypes[layer], target));
      });
      return (wrong ?? []).map(({ target }) => `${file} imports ${target}`);
    });
    expect(strangers).toEqual([]);
  });

  test('every layer has a rule', () => {
    expect([...new Set(sources.map(layerOf))].filter((layer) => !mayImport[layer])).toEqual([]);
  });

  test('run in no circle', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, way: string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      if (done.has(file) || way.includes(file)) return;
      for (const { own, target } of imports.get(file) ?? []) if (own) visit(`${target}.ts`, [...way, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(circles).toEqual([]);
  });

  test('the client has nothing of the server and nothing of Node', () => {
    const client = sources.filter((file) => file.startsWith('src/client/')).flatMap((file) => imports.get(file) ?? []);
    const strangers = client.filter(({ own, target }) => (own ? !allows(mayImport.client, target) : target !== 'openapi-fetch'));
    expect(strangers).toEqual([]);
    expect(client.filter(({ target, typeOnly }) => target === 'generated/contract' && !typeOnly)).toEqual([]);
    expect(client.map(({ target }) => target)).toEqual(expect.arrayContaining(['generated/contract', 'openapi-fetch']));
  });

  /** Packages that belong to one layer. */
  const homes: [RegExp, string[]][] = [
    [/^(express|openapi-backend|cors|helmet|find-my-way)/, ['http', 'context']],
    [/^kysely/, ['store']],
    [/^openapi-fetch/, ['client']],
    [/^graphile-worker/, ['jobs']],
    [/^pg$/, ['store', 'integrations', 'jobs', 'commands']],
    [/^(jose|@node-rs\/argon2)/, ['auth']],
  ];
  test.each(homes)('%s is used in %s only', (name, layers) => {
    const users = sources.filter((file) => imports.get(file)?.some(({ own, target }) => !own && name.test(target)));
    expect(users.filter((file) => !layers.includes(layerOf(file)))).toEqual([]);
  });
});

const found = (files: string[], pattern: RegExp) =>
  files.flatMap((file) => [...(textOf.get(file) ?? '').matchAll(pattern)].map(([match]) => `${file}: ${match.trim()}`));
const outside = (...folders: string[]) => sources.filter((file) => !folders.some((folder) => file.startsWith(folder)));

describe('places', () => {
  test('SQL stands in the store only', () => {
    expect(found(outside('src/store/'), /\bsql(<[^`\n]*>)?`|\.(selectFrom|insertInto|updateTable|deleteFrom)\(/g)).toEqual([]);
  });

  test('only config/env.ts reads the environment', () => {
    expect(found(outside('src/config/env.ts'), /\bprocess\.env\b|\benv\b.*'node:process'/g)).toEqual([]);
  });

  test('the domain has no clock, no chance and no input or output', () => {
    const domain = sources.filter((file) => file.startsWith('src/domain/'));
    expect(
      found(domain, /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|\bperformance\.now\(|\bprocess\.\w|\bsetTimeout\(|\bfetch\(/g),
    ).toEqual([]);
    const nodes = domain.flatMap((file) =>
      (imports.get(file) ?? []).filter(({ target }) => target.startsWith('node:')).map(({ target }) => `${file}: ${target}`),
    );
    expect(nodes).toEqual([]);
  });

  test('statuses of errors are picked in one file of each surface only', () => {
    const surfaces = ['src/http/problem.ts', 'src/http/cloudFoundry/problem.ts', 'src/http/uaa/problem.ts'];
    expect(found(outside(...surfaces, 'src/http/server.ts'), /\bstatus(Code)?\s*[:=]\s*[45]\d\d\b/g)).toEqual([]);
  });
});

describe('names', () => {
  test('no file is called after nothing', () => {
    const all = [...sources, ...filesBelow('test'), ...filesBelow('scripts')];
    expect(all.filter((file) => /^(utils?|helpers?|common|misc|shared)\b/i.test(basename(file)))).toEqual([]);
  });

  const folders = (top: string, suffix: string) => {
    const files = filesBelow(top).map((file) => [basename(file, suffix), file] as const);
    return operationIds.map(
      (id) =>
        [id, files.filter(([name, file]) => name === id && file.endsWith(suffix)).map(([, file]) => dirname(file))] as const,
    );
  };

  /** `src/operations/<family>`; that of Cloud Foundry has rooms. */
  const isRoom = (folder = ''): boolean => /^src\/operations\/(cloudFoundry\/)?[a-zA-Z]+$/.test(folder);

  test('each operation has one file that is called as it is', () => {
    const handlers = folders('src/operations', '.ts');
    expect(handlers.filter(([, places]) => places.length !== 1 || !isRoom(places[0]))).toEqual([]);
  });

  test('each operation has one test file, in the folder of its family', () => {
    const handlers = new Map(folders('src/operations', '.ts'));
    const wrong = folders('test', '.test.ts').filter(
      ([id, places]) => places.length !== 1 || places[0] !== `test/${handlers.get(id)?.[0]?.slice(4)}`,
    );
    expect(wrong.map(([id, places]) => `${id}: ${places.join(' and ') || 'no test'}`)).toEqual([]);
  });
});
