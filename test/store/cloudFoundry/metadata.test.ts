import fc from 'fast-check';
import { sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import { applyMetadata, type Metadata, metadataChangeOf } from '../../../src/domain/cloudFoundry/metadata';
import { type MetadataType, metadataColumns, saveMetadata } from '../../../src/store/cloudFoundry/metadata';
import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { serviceRow } from '../../support/rows';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const save = (type: MetadataType, id: string, metadata: unknown) =>
  portolan.context.database.transact((tx) => saveMetadata(tx, type, id, metadataChangeOf(metadata)));

/** As a row reads it that only has an id. */
async function read(type: MetadataType, id: string): Promise<Metadata> {
  const row = await portolan.context.database.db
    .selectFrom(sql<{ id: string }>`(select ${id}::uuid as id)`.as('resource'))
    .select(metadataColumns(type, sql.ref('resource.id')))
    .executeTakeFirstOrThrow();
  return row;
}

const countOf = async (id: string): Promise<number> => {
  const [row] = await portolan.sql(
    'select (select count(*) from labels where resource_id = $1) + (select count(*) from annotations where resource_id = $1) as count',
    [id],
  );
  return Number(row.count);
};

describe('what is saved', () => {
  test('is read again, keys in order: plain ones first, then by prefix and name', async () => {
    const id = uuidv7();
    const labels = { 'b.c/a': '1', z: '2', 'a.b/z': '', B: '4', 'a.b/Z': '5', '1': '6' };
    const annotations = { note: 'any text: "quoted", ünïcode 🚀, \\u0000\n', 'a.b/empty': '' };
    await save('droplet', id, { labels, annotations });
    const metadata = await read('droplet', id);
    expect(metadata).toEqual({ labels, annotations });
    // Keys that are numbers come first in every object of JavaScript.
    expect(Object.keys(metadata.labels)).toEqual(['1', 'B', 'z', 'a.b/Z', 'a.b/z', 'b.c/a']);
  });

  test('is empty objects where there is nothing', async () => {
    expect(await read('app', uuidv7())).toEqual({ labels: {}, annotations: {} });
  });

  test('belongs to one resource of one type', async () => {
    const [id, other] = [uuidv7(), uuidv7()];
    await save('app', id, { labels: { a: 'app' } });
    await save('process', id, { labels: { a: 'process' } });
    await save('app', other, { labels: { a: 'other' } });
    await save('app', id, { labels: { a: null, b: 'app' } });
    expect((await read('app', id)).labels).toEqual({ b: 'app' });
    expect((await read('process', id)).labels).toEqual({ a: 'process' });
    expect((await read('app', other)).labels).toEqual({ a: 'other' });
  });

  test('is as the domain says, whatever follows whatever', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'p.q/a', 'p.q/b', 'r.s/a');
    const part = fc.dictionary(key, fc.option(fc.constantFrom('', 'x', 'y', 'Z.1')));
    const bodies = fc.array(fc.record({ labels: part, annotations: part }, { requiredKeys: [] }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(bodies, async (all) => {
        const id = uuidv7();
        let expected: Metadata = { labels: {}, annotations: {} };
        for (const body of all) {
          expected = applyMetadata(expected, metadataChangeOf(body));
          await save('package', id, body);
          expect(await read('package', id)).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('is written in one statement, and nothing is sent when nothing changes', async () => {
    const { database } = portolan.context;
    const sent: string[] = [];
    await database.transact(async (tx) => {
      const spied = Object.create(tx) as typeof tx;
      spied.executeQuery = ((query: { sql: string }) => {
        sent.push(query.sql);
        return tx.executeQuery(query as never);
      }) as never;
      await saveMetadata(spied, 'droplet', uuidv7(), metadataChangeOf({ labels: { a: 'x', b: null }, annotations: { c: 'y' } }));
      await saveMetadata(spied, 'droplet', uuidv7(), metadataChangeOf({ labels: {}, annotations: null }));
    });
    expect(sent).toHaveLength(1);
  });
});

describe('metadata goes with', () => {
  const metadata = { labels: { a: 'x' }, annotations: { b: 'y' } };

  async function insert(table: string, columns: Record<string, unknown>): Promise<string> {
    const row: Record<string, unknown> = { id: uuidv7(), ...columns };
    const names = Object.keys(row);
    const slots = names.map((_, index) => `$${index + 1}`);
    await portolan.sql(`insert into ${table} (${names.join(', ')}) values (${slots.join(', ')})`, Object.values(row));
    return row.id as string;
  }

  /** An environment with one of everything that has metadata, each with a label and an annotation. */
  async function scene() {
    const space = await environment(portolan);
    const app = await serviceRow(portolan, space);
    const inApp = { environment_id: space, service_id: app };
    const aPackage = await insert('packages', { ...inApp, image: 'acme/shop' });
    const someone = { created_by_type: 'user', created_by_name: 'someone', created_by_email: 'someone@example.com' };
    const build = await insert('builds', { ...inApp, ...someone, package_id: aPackage });
    const droplet = await insert('droplets', { ...inApp, package_id: aPackage });
    await save('process', app, metadata);
    const ids = { space, app, package: aPackage, build, droplet };
    for (const type of ['space', 'app', 'package', 'build', 'droplet'] as const) await save(type, ids[type], metadata);
    return ids;
  }
  type Scene = Awaited<ReturnType<typeof scene>>;

  const tables = { space: 'environments', app: 'services', package: 'packages', build: 'builds', droplet: 'droplets' };
  const counts = async (ids: Scene) => ({
    space: await countOf(ids.space),
    app: await countOf(ids.app),
    package: await countOf(ids.package),
    build: await countOf(ids.build),
    droplet: await countOf(ids.droplet),
  });
  /** An app has those of its process too. */
  const all = { space: 2, app: 4, package: 2, build: 2, droplet: 2 };

  test.each<[type: keyof Scene, left: Partial<typeof all>]>([
    ['droplet', { droplet: 0 }],
    ['build', { build: 0 }],
    ['package', { package: 0 }],
    ['app', { app: 0, package: 0, build: 0, droplet: 0 }],
    ['space', { space: 0, app: 0, package: 0, build: 0, droplet: 0 }],
  ])('its %s, and with what goes with that', async (type, left) => {
    const [gone, kept] = [await scene(), await scene()];
    expect(await counts(gone)).toEqual(all);
    await portolan.sql(`delete from ${tables[type]} where id = $1`, [gone[type]]);
    expect(await counts(gone)).toEqual({ ...all, ...left });
    expect(await counts(kept)).toEqual(all);
  });

  test('many at once', async () => {
    const scenes = [await scene(), await scene(), await scene()];
    await portolan.sql('delete from services where id = any($1)', [scenes.map(({ app }) => app)]);
    for (const ids of scenes) expect(await counts(ids)).toEqual({ space: 2, app: 0, package: 0, build: 0, droplet: 0 });
  });
});
