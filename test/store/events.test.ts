import { uuidv7 } from 'uuidv7';
import { comparePositions, formatPosition, type Position } from '../../src/domain/events/position';
import { type Database, openDatabase } from '../../src/store/database';
import { createEventFeed, type EventFeed, type Follower } from '../../src/store/eventFeed';
import { deleteOldEvents, eventLogBounds, readEvents, recordEvents, type StoredEvent } from '../../src/store/events';
import { createDatabase } from '../support/portolan';

let database: Database;
let databaseUrl: string;
beforeEach(async () => {
  databaseUrl = await createDatabase();
  database = openDatabase({ connectionString: databaseUrl, poolSize: 10, applicationName: 'events.test' });
});
afterEach(() => database.close());

const event = (number: number) =>
  ({ type: 'operation', environmentId: null, resourceType: 'registry', data: { number } }) as const;
const record = (...numbers: number[]) => database.transact((tx) => recordEvents(tx, numbers.map(event)));
const numberOf = ({ data }: StoredEvent): number => JSON.parse(data).number;

/** A transaction that is open until it is told to end. */
async function openTransaction(first: number) {
  let end!: (number: number) => void;
  const last = new Promise<number>((resolve) => {
    end = resolve;
  });
  let begun!: () => void;
  const begin = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const done = database.transact(async (tx) => {
    await recordEvents(tx, [event(first)]);
    begun();
    await recordEvents(tx, [event(await last)]);
  });
  await begin;
  return (number: number) => {
    end(number);
    return done;
  };
}

async function until<T>(read: () => Promise<T> | T, good: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 10_000; ; ) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > deadline) throw new Error(`never came: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits for the transactions of other tests' databases too: they share the server. */
const readNumbers = async (after: Position, count: number) =>
  (
    await until(
      () => readEvents(database.db, after),
      ({ events }) => events.length >= count,
    )
  ).events.map(numberOf);

describe('the log', () => {
  test('holds back what committed while an older transaction runs, and then gives all in the order of transactions', async () => {
    const { end: start } = await eventLogBounds(database.db);
    const endOld = await openTransaction(1);
    const endYoung = await openTransaction(2);
    await record(5, 6);
    await endYoung(3);
    // A reader that went by ids alone would hand these out, and never see those of the old transaction.
    const early = await readEvents(database.db, start);
    expect([early.events.map(numberOf), early.held]).toEqual([[], true]);
    await endOld(4);
    expect(await readNumbers(start, 6)).toEqual([1, 4, 2, 3, 5, 6]);
    const all = await readEvents(database.db, start);
    const positions = all.events.map(({ position }) => position);
    for (const [index, position] of positions.slice(1).entries()) {
      expect(comparePositions(position, positions[index] as Position)).toBeGreaterThan(0);
    }
    expect(comparePositions(all.end, positions.at(-1) as Position)).toBeGreaterThan(0);
  });

  test('goes past transactions that were rolled back', async () => {
    const { end: start } = await eventLogBounds(database.db);
    await expect(
      database.transact(async (tx) => {
        await recordEvents(tx, [event(1)]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await record(2);
    expect(await readNumbers(start, 1)).toEqual([2]);
  });

  test('is read on from any of its positions', async () => {
    const { end: start } = await eventLogBounds(database.db);
    await record(1, 2, 3);
    await record(4);
    await readNumbers(start, 4);
    const { events } = await readEvents(database.db, start);
    for (const [index, { position }] of events.entries()) {
      expect((await readEvents(database.db, position)).events.map(numberOf)).toEqual([1, 2, 3, 4].slice(index + 1));
    }
  });

  test('puts the environment into the data, and tells of no event at all', async () => {
    const { end: start } = await eventLogBounds(database.db);
    const environmentId = uuidv7();
    await database.transact((tx) => recordEvents(tx, []));
    await database.transact((tx) =>
      recordEvents(tx, [{ type: 'image_update', environmentId, resourceType: 'container_image', data: { a: [1] } }]),
    );
    await readNumbers(start, 1);
    const [only, ...more] = (await readEvents(database.db, start)).events;
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      type: 'image_update',
      environment_id: environmentId,
      resource_type: 'container_image',
      data: `{"environmentId":"${environmentId}","a":[1]}`,
    });
  });
});

describe('a long log', () => {
  test('is read and polled by its index, never as a whole', async () => {
    await database.pool.query(
      `insert into events (type, resource_type, data) select 'operation', 'registry', '{}' from generate_series(1, 20000)`,
    );
    await database.pool.query('analyze events');
    const { begin, end } = await eventLogBounds(database.db);
    // As itself, with another one's event in front of it that cannot be handed out yet.
    const scans = await database.transact(async (tx) => {
      await recordEvents(tx, [event(1)]);
      for (let times = 0; times < 8; times++) for (const from of [begin, end]) await readEvents(tx, from);
      const { rows } = await tx.executeQuery<{ seq_scan: number }>({
        sql: `select seq_scan::int from pg_stat_xact_user_tables where relname = 'events'`,
        parameters: [],
      } as never);
      return rows[0]?.seq_scan;
    });
    expect(scans).toBe(0);
  });
});

describe('sweeping', () => {
  test('takes the oldest in batches, and the log says where it begins now', async () => {
    const { end: start, begin } = await eventLogBounds(database.db);
    expect(begin).toEqual({ transaction: 0, sequence: 0 });
    await record(1, 2, 3, 4);
    await record(5);
    await readNumbers(start, 5);
    const { events } = await readEvents(database.db, start);
    await database.pool.query(
      `update events set created_at = now() - interval '20 minutes' where (data::json ->> 'number')::int < 4`,
    );
    const sweep = (most: number) => database.transact((tx) => deleteOldEvents(tx, 15, most));
    expect([await sweep(2), await sweep(2), await sweep(2)]).toEqual([2, 1, 0]);
    expect((await eventLogBounds(database.db)).begin).toEqual(events[2]?.position);
    expect((await readEvents(database.db, start)).events.map(numberOf)).toEqual([4, 5]);
  });
});

describe('the feed', () => {
  let feed: EventFeed;
  beforeEach(() => {
    feed = createEventFeed({ db: database.db, connectionString: databaseUrl, pollMs: 60_000 });
  });
  afterEach(() => feed.close());

  function follower(): Follower & { numbers: number[]; ids: string[] } {
    const [numbers, ids]: [number[], string[]] = [[], []];
    return {
      numbers,
      ids,
      deliver({ events }) {
        numbers.push(...events.map(numberOf));
        ids.push(...events.map(({ position }) => formatPosition(position)));
      },
    };
  }

  test('wakes for an announcement, and gives each event once to each follower', async () => {
    const { end } = await feed.bounds();
    const [first, second] = [follower(), follower()];
    expect([feed.join(end, first), feed.join(end, second)]).toEqual([true, true]);
    // Listening begins with a read of its own, so what follows is not found by it.
    await until(
      async () =>
        (
          await database.pool.query(
            `select from pg_stat_activity where application_name = 'portolan portolan_events' and query like 'listen%' and datname = current_database()`,
          )
        ).rowCount,
      (count) => count === 1,
    );
    for (const number of [1, 2, 3]) {
      await record(number);
      feed.announce();
      await until(
        () => first.numbers.length,
        (count) => count === number,
      );
    }
    await until(
      () => second.numbers.length,
      (count) => count === 3,
    );
    expect([first.numbers, second.numbers]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test('finds by itself what nobody announced', async () => {
    const polling = createEventFeed({ db: database.db, connectionString: databaseUrl, pollMs: 50 });
    const silent = follower();
    polling.join((await polling.bounds()).end, silent);
    await record(1);
    await until(
      () => silent.numbers.length,
      (count) => count === 1,
    );
    await polling.close();
  });

  test('misses nothing of many writers whose transactions end in any order', async () => {
    const one = follower();
    feed.join((await feed.bounds()).end, one);
    const [writers, each] = [8, 60];
    const pauses = Array.from({ length: writers * each }, (_, index) => (index * 7919) % 4);
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let index = 0; index < each; index++) {
          const number = writer * each + index;
          await database.transact(async (tx) => {
            await recordEvents(tx, [event(number)]);
            await new Promise((resolve) => setTimeout(resolve, pauses[number]));
          });
          feed.announce();
        }
      }),
    );
    await until(
      () => one.numbers.length,
      (count) => count >= writers * each,
    );
    expect([...one.numbers].sort((a, b) => a - b)).toEqual(pauses.map((_, index) => index));
    for (let writer = 0; writer < writers; writer++) {
      const own = one.numbers.filter((number) => Math.floor(number / each) === writer);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });

  test('tells who is behind to read first', async () => {
    const { end } = await feed.bounds();
    const ahead = follower();
    feed.join(end, ahead);
    await record(1);
    feed.announce();
    await until(
      () => ahead.numbers.length,
      (count) => count === 1,
    );
    const late = follower();
    expect(feed.join(end, late)).toBe(false);
    const page = await feed.read(end);
    expect(page.events.map(numberOf)).toEqual([1]);
    await until(() => feed.join(page.end, late), Boolean);
    expect(late.numbers).toEqual([]);
  });

  test('reads nothing and has no connection while nobody follows', async () => {
    const connections = async () =>
      (
        await database.pool.query(
          `select from pg_stat_activity where application_name = 'portolan portolan_events' and datname = current_database()`,
        )
      ).rowCount;
    const one = follower();
    expect(await connections()).toBe(0);
    feed.join((await feed.bounds()).end, one);
    await until(connections, (count) => count === 1);
    feed.leave(one);
    await until(connections, (count) => count === 0);
  });
});
