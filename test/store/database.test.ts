import fc from 'fast-check';
import { sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import type { CursorValue, PageRequest, SortKey } from '../../src/domain/lists/cursor';
import { decodeCursor } from '../../src/domain/lists/cursor';
import { type Database, defer, openDatabase, ping, type Tx } from '../../src/store/database';
import { isUnavailable } from '../../src/store/databaseErrors';
import { containing, type ListSpec, listPage } from '../../src/store/list';
import { listRegistries, type RegistryRow } from '../../src/store/registries';
import { statement } from '../../src/store/statement';
import { createDatabase } from '../support/portolan';

let database: Database;
let databaseUrl: string;
const lost: Error[] = [];
beforeAll(async () => {
  databaseUrl = await createDatabase();
  database = openDatabase({
    connectionString: databaseUrl,
    poolSize: 8,
    applicationName: 'database.test',
    onError: (error) => lost.push(error),
  });
});
afterAll(async () => {
  await database.close();
});

const query = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  (await database.pool.query<Row>(text, values)).rows;
async function environment(): Promise<string> {
  const id = uuidv7();
  await query('insert into environments (id, name) values ($1, $2)', [id, id]);
  return id;
}

describe('transact', () => {
  const deferInsert = (tx: Tx, id: string, name = id) => {
    const write = tx.executeQuery(sql`insert into environments (id, name) values (${id}, ${name})`.compile(tx));
    defer(tx, write);
    return write;
  };
  const present = async (ids: string[]) =>
    (await query<{ id: string }>('select id from environments where id = any($1)', [ids])).map(({ id }) => id).sort();

  test.each([1, 2, 3, 5])('commits %i writes that nobody waited for', async (count) => {
    const ids = Array.from({ length: count }, () => uuidv7());
    await database.transact(async (tx) => {
      for (const id of ids) void deferInsert(tx, id);
    });
    expect(await present(ids)).toEqual([...ids].sort());
  });

  test.each([0, 1, 2])('takes back everything when number %i of three such writes fails', async (failing) => {
    const ids = [uuidv7(), uuidv7(), uuidv7()];
    const taken = await environment();
    const writes: Promise<unknown>[] = [];
    const all = database.transact(async (tx) => {
      for (const [index, id] of ids.entries()) writes.push(deferInsert(tx, id, index === failing ? taken : id));
    });
    await expect(all).rejects.toMatchObject({ constraint: 'environments_name_unique' });
    await Promise.allSettled(writes);
    expect(await present(ids)).toEqual([]);
  });

  // Whether a late statement slips behind the end depends on how the server's answers are cut into packets.
  test('lets nothing of a failed transaction through, however its answers arrive', async () => {
    const taken = await environment();
    const ids: string[] = [];
    for (let turn = 0; turn < 100; turn++) {
      const writes: Promise<unknown>[] = [];
      await database
        .transact(async (tx) => {
          const late = Array.from({ length: 4 }, () => uuidv7());
          ids.push(...late);
          const insert = (id: string, name = id) => sql`insert into environments (id, name) values (${id}, ${name})`.execute(tx);
          writes.push(insert(uuidv7(), taken), ...late.map((id) => insert(id)));
          await Promise.all(writes);
        })
        .catch(() => {});
      await Promise.allSettled(writes);
    }
    expect(await present(ids)).toEqual([]);
  });

  test('lets nothing that still waits run behind a failure of the work', async () => {
    const ids = [uuidv7(), uuidv7(), uuidv7()];
    const writes: Promise<unknown>[] = [];
    const failure = new Error('no');
    const all = database.transact(async (tx) => {
      for (const id of ids) writes.push(deferInsert(tx, id));
      throw failure;
    });
    await expect(all).rejects.toBe(failure);
    await Promise.allSettled(writes);
    expect(await present(ids)).toEqual([]);
  });

  test('commits what it did, and takes back everything when it fails', async () => {
    const [kept, dropped] = [uuidv7(), uuidv7()];
    const insert = (id: string) => sql`insert into environments (id, name) values (${id}, ${id})`;
    expect(await database.transact(async (tx) => (await insert(kept).execute(tx), 'done'))).toBe('done');
    const failure = new Error('no');
    await expect(
      database.transact(async (tx) =>
        insert(dropped)
          .execute(tx)
          .then(() => Promise.reject(failure)),
      ),
    ).rejects.toBe(failure);
    expect(await query('select id from environments where id = any($1)', [[kept, dropped]])).toEqual([{ id: kept }]);
  });

  test('runs again after a deadlock, from the start', async () => {
    const [a, b] = [await environment(), await environment()];
    const touch = (id: string) => sql`update environments set version = version + 1 where id = ${id}`;
    let runs = 0;
    let meet!: () => void;
    const both = new Promise<void>((resolve) => {
      meet = resolve;
    });
    let arrived = 0;
    const crossing = (first: string, second: string) =>
      database.transact(async (tx) => {
        runs++;
        await touch(first).execute(tx);
        if (++arrived === 2) meet();
        await both;
        await touch(second).execute(tx);
      });
    await Promise.all([crossing(a, b), crossing(b, a)]);
    expect(runs).toBeGreaterThan(2);
    const rows = await query<{ version: number }>('select version from environments where id = any($1)', [[a, b]]);
    expect(rows.map(({ version }) => version)).toEqual([3, 3]);
  });

  test('runs again after a serialization failure, four times in all, and then tells of it as "try again"', async () => {
    let runs = 0;
    const failing = database.transact(async (tx) => {
      runs++;
      await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(tx);
    });
    const error = await failing.catch((reason: unknown) => reason);
    expect([runs, isUnavailable(error)]).toEqual([4, true]);
  });

  test('runs once when it fails for another reason', async () => {
    let runs = 0;
    await expect(database.transact(async (tx) => (runs++, sql`select 1 / 0`.execute(tx)))).rejects.toMatchObject({
      code: '22012',
    });
    expect(runs).toBe(1);
  });

  test('gives its connection back, also when it fails', async () => {
    for (let i = 0; i < 20; i++) await database.transact(async () => Promise.reject(new Error('no'))).catch(() => {});
    await ping(database.db);
    expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
  });
});

describe('a connection', () => {
  test('that is lost while it is idle or inside a transaction ends nothing but what it carried', async () => {
    const end = (pid: number) => query('select pg_terminate_backend($1)', [pid]);
    const inside = database.transact(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await end(rows[0]?.pid as number);
      // The loss arrives between two statements.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sql`select 1`.execute(tx);
    });
    expect(isUnavailable(await inside.catch((error: unknown) => error))).toBe(true);
    await query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = $1',
      ['database.test'],
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let i = 0; i < 10; i++) await ping(database.db).catch(() => {});
    await ping(database.db);
    expect(lost.every((error) => error.message !== '')).toBe(true);
  });

  test('prepares statements with values under a name, once, and those without not at all', async () => {
    const one = openDatabase({ connectionString: databaseUrl, poolSize: 1, applicationName: 'one' });
    try {
      const find = statement<{ id: string }, { id: string }>((db, { id }) =>
        db.selectFrom('environments').select('id').where('id', '=', id),
      );
      for (let i = 0; i < 5; i++) await find.all(one.db, { id: uuidv7() });
      await ping(one.db);
      const { rows } = await one.pool.query(
        'select name, statement, generic_plans + custom_plans as uses from pg_prepared_statements',
      );
      expect(rows).toEqual([
        { name: expect.stringMatching(/^p\d+$/), statement: 'select "id" from "environments" where "id" = $1', uses: 5 },
      ]);
    } finally {
      await one.close();
    }
  });

  test('prepares no more than 2000 texts', async () => {
    const one = openDatabase({ connectionString: databaseUrl, poolSize: 1, applicationName: 'many' });
    try {
      for (let i = 0; i < 2100; i++) await one.pool.query(`select $1::int as n${i}`, [i]);
      const { rows } = await one.pool.query('select count(*)::int as n from pg_prepared_statements');
      expect(rows[0].n).toBeLessThanOrEqual(2000);
      expect((await one.pool.query('select $1::int as n2099', [7])).rows).toEqual([{ n2099: 7 }]);
    } finally {
      await one.close();
    }
  });
});

describe('values', () => {
  const read = async (expression: string) => (await query<{ v: unknown }>(`select ${expression} as v`))[0]?.v;

  test.each([
    ["timestamptz(3) '2026-03-01 08:00:00+00'", '2026-03-01T08:00:00.000Z'],
    ["timestamptz(3) '2026-03-01 08:00:00.1+00'", '2026-03-01T08:00:00.100Z'],
    ["timestamptz(3) '2026-03-01 08:00:00.12+00'", '2026-03-01T08:00:00.120Z'],
    ["timestamptz(3) '2026-03-01 08:00:00.999+00'", '2026-03-01T08:00:00.999Z'],
    ["timestamptz '2026-03-01 08:00:00.123456+00'", '2026-03-01T08:00:00.123Z'],
    ["timestamptz '2026-03-01 10:00:00+02'", '2026-03-01T08:00:00.000Z'],
    ["timestamptz '1999-12-31 23:59:59-05:30'", '2000-01-01T05:29:59.000Z'],
    ["timestamptz 'infinity'", 'infinity'],
    ["timestamptz '-infinity'", '-infinity'],
    ['null::timestamptz', null],
    ['count(*)', 1],
    ['9007199254740991::bigint', Number.MAX_SAFE_INTEGER],
    ['7.5::double precision', 7.5],
    ["array['a', null]", ['a', null]],
    [`'{"a":[1]}'::jsonb`, { a: [1] }],
  ])('%s is %j', async (expression, value) => expect(await read(expression)).toEqual(value));

  test('any timestamp is read as JavaScript writes it', async () => {
    const dates = fc.date({ noInvalidDate: true, min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z') });
    await fc.assert(
      fc.asyncProperty(fc.array(dates, { minLength: 1, maxLength: 20 }), async (some) => {
        const written = some.map((date) => date.toISOString());
        const [row] = await query<{ v: string[] }>(
          `select array(select to_json(t) #>> '{}' from unnest($1::timestamptz[]) t) as v`,
          [written],
        );
        expect(row?.v).toHaveLength(some.length);
        const rows = await query<{ v: string }>('select t::timestamptz(3) as v from unnest($1::timestamptz[]) t', [written]);
        expect(rows.map(({ v }) => v)).toEqual(written);
      }),
      { numRuns: 30 },
    );
  });
});

describe('text to look for', () => {
  test('is taken literally', async () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'B', '%', '_', '\\', '*', '.'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(texts, texts, async (text, part) => {
        const [row] = await query<{ found: boolean }>('select $1::text ilike $2 as found', [text, containing(part)]);
        expect(row?.found).toBe(text.toLowerCase().includes(part.toLowerCase()));
      }),
      { numRuns: 200 },
    );
  });
});

describe('pages of a list', () => {
  const sortKeys: fc.Arbitrary<SortKey[]> = fc.uniqueArray(
    fc.record({ member: fc.constantFrom('isDefault', 'name', 'createdAt', 'type'), descending: fc.boolean() }),
    { minLength: 1, maxLength: 4, selector: ({ member }) => member },
  );
  const rowValues = fc.record({
    type: fc.constantFrom('generic', 'dockerhub', 'digitalocean'),
    // Few values, so that there are ties.
    createdAt: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z', '2025-06-01T12:00:00.000Z'),
    name: fc.string({ unit: fc.constantFrom('a', 'B', 'é', '-', ' ', '%', '😀'), minLength: 1, maxLength: 3 }),
  });
  type Values = { type: string; createdAt: string; name: string };

  let counter = 0;
  async function insert(environmentId: string, rows: Values[]): Promise<string[]> {
    const ids = rows.map(() => uuidv7());
    await query(
      `insert into registries (id, environment_id, name, type, registry_url, created_at)
       select id, $1, name, type, 'x', at from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) as new (id, name, type, at)`,
      [
        environmentId,
        ids,
        rows.map(({ name }) => `${name}${counter++}`),
        rows.map(({ type }) => type),
        rows.map(({ createdAt }) => createdAt),
      ],
    );
    return ids;
  }

  const pageOf = (sort: SortKey[], limit: number, after: CursorValue[] | null): PageRequest => ({
    limit,
    offset: 0,
    sort,
    after,
    signature: 's',
  });

  /** Reads to the end with pages of the given sizes; `between` runs after each page. */
  async function readAll(
    environmentId: string,
    sort: SortKey[],
    sizes: number[],
    between: () => Promise<unknown> = async () => {},
  ) {
    const rows: RegistryRow[] = [];
    let after: CursorValue[] | null = null;
    for (let turn = 0; ; turn++) {
      const page: { rows: RegistryRow[]; nextCursor: string | null; total: number } = await listRegistries(
        database.db,
        pageOf(sort, sizes[turn % sizes.length] as number, after),
        { environmentId },
      );
      rows.push(...page.rows);
      if (page.nextCursor === null) return { rows, total: page.total };
      expect(page.rows.length).toBe(sizes[turn % sizes.length]);
      after = decodeCursor(page.nextCursor, 's', sort.length + 1, () => true) as CursorValue[];
      await between();
    }
  }

  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  const rowsToList = fc.array(rowValues, { maxLength: 30 });

  test('hold every row once, in the order of one big page, whatever their sizes', async () => {
    await fc.assert(
      fc.asyncProperty(rowsToList, sortKeys, sizes, async (values, sort, pageSizes) => {
        const environmentId = await environment();
        const ids = await insert(environmentId, values);
        const { rows, total } = await readAll(environmentId, sort, pageSizes);
        const whole = await listRegistries(database.db, pageOf(sort, 1000, null), { environmentId });
        expect(rows.map(({ id }) => id)).toEqual(whole.rows.map(({ id }) => id));
        expect(rows.map(({ id }) => id).sort()).toEqual(ids.sort());
        expect([total, whole.total, whole.nextCursor]).toEqual([values.length, values.length, null]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('have neither gaps nor repeats while rows come and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowValues, { minLength: 5, maxLength: 25 }),
        rowsToList,
        sortKeys,
        sizes,
        async (values, more, sort, pageSizes) => {
          const environmentId = await environment();
          const lasting = await insert(environmentId, values);
          const passing = await insert(environmentId, more.slice(0, 5));
          const added = [...more];
          const { rows } = await readAll(environmentId, sort, pageSizes, async () => {
            await insert(environmentId, added.splice(0, 3));
            const gone = passing.pop();
            if (gone) await query('delete from registries where id = $1', [gone]);
          });
          const seen = rows.map(({ id }) => id);
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen).toEqual(expect.arrayContaining(lasting));
        },
      ),
      { numRuns: 30 },
    );
  }, 60_000);

  test('are in the order that was asked for, ties by id', async () => {
    await fc.assert(
      fc.asyncProperty(rowsToList, sortKeys, async (values, sort) => {
        const environmentId = await environment();
        await insert(environmentId, values);
        const { rows } = await readAll(environmentId, sort, [1000]);
        const keyOf = (row: RegistryRow, member: string) =>
          member === 'createdAt' ? row.created_at : member === 'type' ? row.type : member === 'isDefault' ? '' : null;
        for (let i = 1; i < rows.length; i++) {
          const [a, b] = [rows[i - 1] as RegistryRow, rows[i] as RegistryRow];
          for (const { member, descending } of sort) {
            const [left, right] = [keyOf(a, member), keyOf(b, member)];
            // Names are ordered by the database's collation, which JavaScript does not know.
            if (left === null || right === null) break;
            if (left !== right) {
              expect(left < right).toBe(!descending);
              break;
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test('refuse sorts and filters that the list does not have', async () => {
    const spec: ListSpec<{ id: string }> = {
      name: 'short',
      rows: (db) => db.selectFrom('environments').select('id') as never,
      countable: (db) => db.selectFrom('environments') as never,
      id: sql`environments.id`,
      sort: {},
      filters: {},
    };
    await expect(listPage(database.db, spec, pageOf([{ member: 'x', descending: false }], 1, null), {})).rejects.toThrow(
      'cannot be sorted by x',
    );
    await expect(listPage(database.db, spec, pageOf([], 1, null), { y: 1 })).rejects.toThrow('has no filter y');
  });

  test('count exactly while many write at once', async () => {
    const environmentId = await environment();
    const ids = (
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          insert(environmentId, [{ name: `n${i}`, type: 'generic', createdAt: '2026-01-01T00:00:00Z' }]),
        ),
      )
    ).flat();
    await Promise.all(ids.slice(0, 15).map((id) => query('delete from registries where id = $1', [id])));
    const page = await listRegistries(database.db, pageOf([{ member: 'name', descending: false }], 1, null), { environmentId });
    expect(page.total).toBe(25);
  });
});
