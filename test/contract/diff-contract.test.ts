import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { compareContracts } from '../../scripts/contract/diff';
import { type Any, boat, boats, goodText, json, schemas, withFault } from './fixtures/faults';

const set = (node: Any, members: Any) => Object.assign(node, members);
const drop = (node: Any, member: string) => delete node[member];
const query = (name: string, more: Any = {}) => ({ name, in: 'query', description: 'New.', schema: { type: 'string' }, ...more });
const created = (d: Any) => schemas(d).BoatCreate.properties;
const answered = (d: Any) => schemas(d).Boat.properties;
const listParameter = (d: Any, name: string) => boats(d).get.parameters.find((one: Any) => one.name === name);

const textAfter = (plant: (d: Any) => unknown) => stringify(withFault(plant));
const changesAfter = (plant: (d: Any) => unknown) => compareContracts(goodText, textAfter(plant));

/** What is broken, the rule that finds it, and how it is broken. */
const breaks: [what: string, rule: string, plant: (d: Any) => unknown][] = [
  ['a removed operation', 'operation-removed', (d) => drop(boat(d), 'delete')],
  ['a removed path', 'path-removed', (d) => drop(d.paths, '/health')],
  ['a changed operationId', 'operation-id-changed', (d) => set(boat(d).get, { operationId: 'showBoat' })],
  ['a removed success member', 'property-removed', (d) => drop(answered(d), 'length')],
  ['a success member that may be missing', 'required-properties-removed', (d) => schemas(d).Boat.required.pop()],
  ['a changed type in an answer', 'schema-type-changed', (d) => set(answered(d).name, { type: 'integer' })],
  ['an answer that may be null', 'schema-type-changed', (d) => set(answered(d).name, { type: ['string', 'null'] })],
  ['a raised minimum', 'schema-constraint-changed', (d) => set(created(d).length, { minimum: 2 })],
  ['a lowered maxLength', 'schema-constraint-changed', (d) => set(created(d).name, { maxLength: 20 })],
  ['a new pattern', 'schema-constraint-changed', (d) => set(created(d).name, { pattern: '^[a-z]+$' })],
  ['fewer items', 'schema-constraint-changed', (d) => set(created(d).crew, { maxItems: 3 })],
  ['a changed type in a request', 'schema-type-changed', (d) => set(created(d).name, { type: 'integer' })],
  ['a request member that was nullable', 'schema-type-changed', (d) => set(created(d).length, { type: 'number' })],
  ['a removed request member', 'property-removed', (d) => drop(created(d), 'tags')],
  ['a removed enum value in a request', 'enum-values-removed', (d) => schemas(d).Kind.enum.pop()],
  [
    'a new required request member',
    'required-properties-added',
    (d) => [set(created(d), { mast: { type: 'string' } }), schemas(d).BoatCreate.required.push('mast')],
  ],
  ['a member that becomes required', 'required-properties-added', (d) => schemas(d).BoatCreate.required.push('length')],
  [
    'a new required query parameter',
    'parameter-became-required',
    (d) => boats(d).get.parameters.push(query('flag', { required: true })),
  ],
  ['a parameter that becomes required', 'parameter-became-required', (d) => set(listParameter(d, 'kind'), { required: true })],
  ['a removed query parameter', 'parameter-removed', (d) => boats(d).get.parameters.pop()],
  [
    'a lowered maximum of a shared parameter',
    'schema-constraint-changed',
    (d) => set(d.components.parameters.Limit.schema, { maximum: 500 }),
  ],
  ['a removed response status', 'response-removed', (d) => drop(boat(d).get.responses, '304')],
  [
    'a removed media type of an answer',
    'media-type-removed',
    (d) => set(d.components.responses.Boat, { content: { 'text/plain': {} } }),
  ],
  [
    'a removed media type of a request',
    'media-type-removed',
    (d) => set(boats(d).post.requestBody, { content: { 'application/xml': json(boats(d).post.requestBody) } }),
  ],
  ['a removed response header', 'response-header-removed', (d) => drop(d.components.responses.Boat.headers, 'ETag')],
  [
    'a public operation that is closed',
    'security-requirement-changed',
    (d) => drop(d.paths['/health'].get, 'security') && set(d, { security: [{ bearerAuth: [] }] }),
  ],
  ['a higher role', 'permission-tightened', (d) => set(boat(d).get['x-permission'], { role: 'admin' })],
  ['another scope', 'permission-tightened', (d) => set(boat(d).get['x-permission'], { scope: 'boats:write' })],
  ['a removed sort member', 'sort-member-removed', (d) => set(boats(d).get, { 'x-sortable': ['-name'] })],
];

const harmless: [what: string, plant: (d: Any) => unknown][] = [
  ['nothing', () => undefined],
  ['a new optional request member', (d) => set(created(d), { mast: { type: 'string' } })],
  ['a new success member', (d) => [set(answered(d), { mast: { type: 'string' } }), schemas(d).Boat.required.push('mast')]],
  ['a new operation', (d) => set(boat(d), { put: { ...boat(d).patch, operationId: 'replaceBoat' } })],
  ['a new optional query parameter', (d) => boats(d).get.parameters.push(query('flag'))],
  ['a new response status', (d) => set(boat(d).get.responses, { '400': boat(d).patch.responses['400'] })],
  ['a new enum value in a request', (d) => schemas(d).Kind.enum.push('steam')],
  ['a looser limit', (d) => set(created(d).name, { maxLength: 90 })],
  ['a lower role', (d) => set(boat(d).delete['x-permission'], { role: 'viewer' })],
  ['a further sort member', (d) => boats(d).get['x-sortable'].push('kind')],
  ['other words', (d) => set(boat(d).get, { summary: 'Look at a boat', description: 'All of it.' })],
  [
    'a path parameter by another name',
    (d) => {
      set(d.components.parameters.BoatId, { name: 'boatId' });
      set(d.paths, { '/api/boats/{boatId}': boat(d) });
      drop(d.paths, '/api/boats/{id}');
    },
  ],
];

describe('compareContracts', () => {
  test.each(breaks)('finds %s', (_what, rule, plant) => {
    const breaking = changesAfter(plant).filter((change) => change.breaking);
    expect(breaking.map((change) => change.rule)).toContain(rule);
    for (const change of breaking) expect(change.line).toBeGreaterThan(1);
  });

  test.each(harmless)('lets pass: %s', (_what, plant) => {
    expect(changesAfter(plant).filter((change) => change.breaking)).toEqual([]);
  });

  test('tells a change of a shared component once, with the operations that it reaches', () => {
    const changes = changesAfter((d) => drop(answered(d), 'length')).filter((change) => change.rule === 'property-removed');
    expect(changes).toEqual([expect.objectContaining({ side: 'base', pointer: '#/components/schemas/Boat/properties/length' })]);
    expect(changes[0]?.operations).toEqual(expect.arrayContaining(['GET /api/boats/{id}', 'PATCH /api/boats/{id}']));
  });

  test('does not compare what is no YAML', () => {
    expect(() => compareContracts(goodText, `${goodText}\n  - [`)).toThrow(/The head contract cannot be read, line \d+/);
  });
});

describe('the command', () => {
  const script = resolve(__dirname, '../../scripts/diff-contract.ts');
  const folder = mkdtempSync(join(tmpdir(), 'diff-contract-'));
  const file = join(folder, 'openapi.yaml');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder });
  const run = (...args: string[]) => {
    const command = ['--import', require.resolve('tsx'), script, ...args];
    return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  };

  beforeAll(() => {
    git('init', '--quiet');
    writeFileSync(file, goodText);
    git('add', '.');
    git('commit', '--quiet', '--no-verify', '-m', 'one');
    git('tag', 'v1');
  });

  test('exits with 0 and says what has changed', () => {
    writeFileSync(
      file,
      textAfter((d) => set(created(d), { mast: { type: 'string' } })),
    );
    const { status, stdout, stderr } = run('v1');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^These do not:\n {2}openapi.yaml:\d+ schema-added: added schemas \/ BoatCreate \/ properties \/ mast\./,
    );
    expect(stdout).toMatch(/contract: 0 breaking and 1 other changes since v1\n$/);
  }, 30_000);

  test('exits with 1 and tells what breaks clients first', () => {
    writeFileSync(file, stringify(withFault((d) => [drop(boat(d), 'delete'), set(created(d), { mast: { type: 'string' } })])));
    const { status, stdout } = run('v1', '--file', file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^These break clients:\n {2}v1:\S+openapi.yaml:\d+ operation-removed: .*DELETE/);
    const answer = JSON.parse(run('v1', '--json').stdout);
    expect(answer).toMatchObject({ base: 'v1', file: 'openapi.yaml', breaking: [{ rule: 'operation-removed' }] });
  }, 30_000);

  test('explains itself, and refuses wrong usage with 2', () => {
    writeFileSync(join(folder, 'new.yaml'), goodText);
    expect(run('--help').stdout).toMatch(/^Usage: diff-contract/);
    const refused: [string[], string][] = [
      [[], 'Name one git ref'],
      [['v2'], 'knows no ref v2'],
      [['v1', '--file', 'new.yaml'], 'v1 holds no new.yaml'],
      [['v1', '--file', 'nowhere.yaml'], 'There is no file nowhere.yaml'],
      [['v1', '--jsno'], '--jsno'],
    ];
    for (const [args, message] of refused) {
      const { status, stderr, stdout } = run(...args);
      expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    }
  }, 60_000);
});
