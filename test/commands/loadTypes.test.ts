import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadTypes } from '../../src/commands/loadTypes';
import type { Database } from '../../src/store/database';
import { type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
let folder: string;
let clock: number;
beforeEach(async () => {
  portolan = await startPortolan();
  await portolan.sql('delete from service_types');
  await portolan.sql('delete from database_types');
  await portolan.sql('delete from type_load_status');
  folder = mkdtempSync(join(tmpdir(), 'portolan-types-'));
  clock = Date.parse('2026-03-01T08:00:00.000Z');
  for (const kind of ['shipped/service', 'shipped/database']) mkdirSync(join(folder, kind), { recursive: true });
});
afterEach(async () => {
  await portolan.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a file below the test's folder. */
function file(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}
const typesDir = () => join(folder, 'given');
/** Each load is a minute after the one before. */
const now = () => {
  clock += 60_000;
  return new Date(clock);
};
/** Loads as a start does. */
const load = (given: string | null = null, changed: Partial<Database> = {}) => {
  const database = { ...portolan.context.database, ...changed };
  return loadTypes({ database, typesDir: given, now, shipped: join(folder, 'shipped') });
};
const status = async () => (await portolan.call('getTypeLoadStatus')).body.syncResult;
const serviceType = async (name: string) => (await portolan.call('listServiceTypes', { query: { name } })).body.serviceTypes[0];
const databaseType = async (name: string) =>
  (await portolan.call('listDatabaseTypes', { query: { name } })).body.databaseTypes[0];
const command = (name: string, members: object = {}) => ({ name, displayName: name, command: `run ${name}`, ...members });
const web = (members: object = {}) => ({
  $schema: 'https://example.com/schema.json',
  name: 'web',
  displayName: 'Web',
  commands: [command('a'), command('b')],
  ...members,
});
const sql = (members: object = {}) => ({
  name: 'sql',
  displayName: 'SQL',
  connectionFields: [{ name: 'port', label: 'Port', type: 'number', default: 1 }],
  backupCommand: 'dump {{port}}',
  ...members,
});
const nothing = { created: [], updated: [], skippedCustomized: [], errors: [] };

test('a new file makes a shipped type', async () => {
  file('shipped/service/web.json', web());
  file('shipped/database/sql.json', sql());
  file('shipped/service/README.md', 'no type');
  await load();
  expect(await serviceType('web')).toMatchObject({
    displayName: 'Web',
    source: 'shipped',
    isCustomized: false,
    commands: [{ name: 'a' }, { name: 'b' }],
  });
  expect(await databaseType('sql')).toMatchObject({
    source: 'shipped',
    backupCommand: 'dump {{port}}',
    connectionFields: [{ default: 1, required: false }],
  });
  expect(await status()).toEqual({
    serviceTypes: { ...nothing, created: ['web'] },
    databaseTypes: { ...nothing, created: ['sql'] },
    timestamp: '2026-03-01T08:01:00.000Z',
  });
});

test('a start that finds nothing new writes nothing, and reads everything at once', async () => {
  file('shipped/service/web.json', web());
  await load();
  const state = () =>
    portolan.sql(`select (select json_agg(s) from service_types s) as types, (select json_agg(c) from type_commands c) as commands,
      (select json_agg(l) from type_load_status l) as status, (select max(xmin::text::bigint) from type_load_status) as writer`);
  const before = await state();
  const { db } = portolan.context.database;
  let statements = 0;
  const counted = new Proxy(db, {
    get: (of, member) => {
      if (member !== 'executeQuery') return Reflect.get(of, member);
      statements++;
      return of.executeQuery.bind(of);
    },
  });
  await load(null, { db: counted, transact: () => Promise.reject(new Error('nothing is to be written')) });
  expect(statements).toBe(1);
  expect(await state()).toEqual(before);
});

test('a file that changed changes its type; commands of the same name keep their id', async () => {
  file('shipped/service/web.json', web());
  file('shipped/database/sql.json', sql());
  await load();
  const [before, database] = [await serviceType('web'), await databaseType('sql')];
  file(
    'shipped/service/web.json',
    web({ displayName: 'Web 2', commands: [command('c'), command('a', { command: 'run faster' })] }),
  );
  file('shipped/database/sql.json', sql({ defaultPort: 1, commands: [command('x')] }));
  await load();
  const after = await serviceType('web');
  expect(after).toMatchObject({ id: before.id, displayName: 'Web 2', isCustomized: false });
  expect(after.commands).toMatchObject([
    { name: 'c', sortOrder: 0 },
    { id: before.commands[0].id, name: 'a', command: 'run faster', sortOrder: 1 },
  ]);
  expect(after.commands).toHaveLength(2);
  expect(await databaseType('sql')).toMatchObject({
    id: database.id,
    defaultPort: 1,
    isCustomized: false,
    commands: [{ name: 'x' }],
  });
  expect(await status()).toMatchObject({
    serviceTypes: { ...nothing, updated: ['web'] },
    databaseTypes: { ...nothing, updated: ['sql'] },
  });
});

test('a file that is only written differently changes nothing', async () => {
  file('shipped/service/web.json', web());
  await load();
  const before = await status();
  const { name, displayName, commands } = web();
  const reversed = commands.map((one) => Object.fromEntries(Object.entries(one).reverse()));
  file('shipped/service/web.json', JSON.stringify({ commands: reversed, displayName, name }, null, 4));
  await load();
  expect(await status()).toEqual(before);
});

test('a customised type is left alone, and a reset gives the newest file', async () => {
  file('shipped/service/web.json', web());
  file('shipped/database/sql.json', sql());
  await load();
  const [{ id }, { id: sqlId }] = [await serviceType('web'), await databaseType('sql')];
  await portolan.call('updateServiceType', { path: { id }, body: { displayName: 'Mine' } });
  await portolan.call('updateDatabaseType', { path: { id: sqlId }, body: { displayName: 'Mine' } });
  const mine = [await serviceType('web'), await databaseType('sql')];
  file('shipped/service/web.json', web({ commands: [command('new')] }));
  file('shipped/database/sql.json', sql({ defaultPort: 99 }));
  await load();
  expect([await serviceType('web'), await databaseType('sql')]).toEqual(mine);
  expect(await status()).toMatchObject({
    serviceTypes: { ...nothing, skippedCustomized: ['web'] },
    databaseTypes: { ...nothing, skippedCustomized: ['sql'] },
  });

  const reset = (await portolan.call('resetServiceType', { path: { id } })).body.serviceType;
  expect(reset).toMatchObject({ displayName: 'Web', isCustomized: false, commands: [{ name: 'new' }] });
  const resetSql = (await portolan.call('resetDatabaseType', { path: { id: sqlId } })).body.databaseType;
  expect(resetSql).toMatchObject({ displayName: 'SQL', isCustomized: false, defaultPort: 99 });
  await load();
  expect(await status()).toMatchObject({ serviceTypes: nothing, databaseTypes: nothing });
});

test('a type of a user keeps its name when a file comes with it', async () => {
  const own = await portolan.call('createServiceType', { body: { name: 'web', displayName: 'Own' } });
  file('shipped/service/web.json', web());
  await load();
  expect(await serviceType('web')).toEqual(own.body.serviceType);
  expect((await portolan.call('resetServiceType', { path: { id: own.body.serviceType.id } })).status).toBe(409);
  expect((await status()).serviceTypes).toEqual({ ...nothing, skippedCustomized: ['web'] });
});

test('a removed file removes nothing; a deleted type comes back', async () => {
  file('shipped/service/web.json', web());
  file('shipped/service/gone.json', web({ name: 'gone' }));
  await load();
  rmSync(join(folder, 'shipped/service/gone.json'));
  await portolan.call('deleteServiceType', { path: { id: (await serviceType('web')).id } });
  await load();
  expect(await serviceType('gone')).toMatchObject({ source: 'shipped' });
  expect(await serviceType('web')).toMatchObject({ source: 'shipped' });
  expect((await status()).serviceTypes).toEqual({ ...nothing, created: ['web'] });
});

test('bad files are told and skipped; the others are loaded', async () => {
  file('shipped/service/a-syntax.json', '{ "name": "a",\n  oops }');
  file('shipped/service/b-schema.json', { name: 'B', displayName: '', commands: [{ name: 'x' }] });
  file('shipped/service/c-names.json', web({ name: 'c', commands: [command('same'), command('same')] }));
  file('shipped/service/d-list.json', '[]');
  file('shipped/service/web.json', web());
  file('shipped/service/web-again.json', web({ displayName: 'Again' }));
  file('shipped/database/sql.json', sql({ backupCommand: 'dump {{prot}}' }));
  await load();
  const { serviceTypes, databaseTypes } = await status();
  expect(serviceTypes.created).toEqual(['web']);
  expect(serviceTypes.errors).toEqual([
    { file: 'service/a-syntax.json', error: expect.stringContaining('line 2, column 3') },
    {
      file: 'service/b-schema.json',
      error: expect.stringMatching(/^name: Must match .* displayName: .* commands\[0\]\.displayName: .*required/),
    },
    { file: 'service/c-names.json', error: 'commands[1].name: Another command of this type is named "same".' },
    { file: 'service/d-list.json', error: 'Must be an object.' },
    { file: 'service/web.json', error: 'Another file defines web.' },
  ]);
  expect((await serviceType('web')).displayName).toBe('Again');
  expect(databaseTypes).toEqual({
    ...nothing,
    errors: [{ file: 'database/sql.json', error: expect.stringContaining('{{prot}} is no connection field') }],
  });

  const told = await status();
  await load();
  expect(await status()).toEqual(told);
  rmSync(join(folder, 'shipped/service/a-syntax.json'));
  await load();
  expect((await status()).serviceTypes.errors).toHaveLength(4);
});

describe('TYPES_DIR', () => {
  test('adds types, and goes before shipped files of the same name', async () => {
    file('shipped/service/web.json', web());
    file('given/service/web.json', web({ displayName: 'Given' }));
    file('given/service/more.json', web({ name: 'more' }));
    await load(typesDir());
    expect((await serviceType('web')).displayName).toBe('Given');
    expect(await serviceType('more')).toMatchObject({ source: 'shipped' });
    expect((await status()).serviceTypes.created).toEqual(['more', 'web']);
  });

  test('a bad file is told with its path', async () => {
    file('given/database/sql.json', '');
    await load(typesDir());
    expect((await status()).databaseTypes.errors).toEqual([
      { file: join(typesDir(), 'database/sql.json'), error: expect.any(String) },
    ]);
  });

  test('a folder that is not there is told, and nothing else fails', async () => {
    file('shipped/service/web.json', web());
    await load(join(folder, 'nowhere'));
    const { serviceTypes, databaseTypes } = await status();
    expect(serviceTypes).toEqual({
      ...nothing,
      created: ['web'],
      errors: [{ file: join(folder, 'nowhere'), error: expect.stringContaining('ENOENT') }],
    });
    expect(databaseTypes.errors).toHaveLength(1);
  });
});

test('replicas that start together load once, and all show the same', async () => {
  file('shipped/service/web.json', web());
  file('shipped/database/sql.json', sql());
  await Promise.all(Array.from({ length: 5 }, () => load()));
  expect((await status()).serviceTypes.created).toEqual(['web']);
  expect(await portolan.sql('select version from service_types')).toEqual([{ version: 1 }]);
});

test('a change by a user that comes between reading and writing is not overwritten', async () => {
  file('shipped/service/web.json', web());
  await load();
  const { id } = await serviceType('web');
  file('shipped/service/web.json', web({ displayName: 'From the file' }));
  const { database } = portolan.context;
  const transact = database.transact;
  database.transact = async (work) => {
    database.transact = transact;
    await portolan.call('updateServiceType', { path: { id }, body: { displayName: 'Mine' } });
    return transact(work);
  };
  await load();
  expect(await serviceType('web')).toMatchObject({ displayName: 'Mine', isCustomized: true });
  expect((await status()).serviceTypes).toEqual({ ...nothing, skippedCustomized: ['web'] });
});
