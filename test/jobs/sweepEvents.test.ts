import { sweepEvents } from '../../src/jobs/sweepEvents';
import { type Database, openDatabase } from '../../src/store/database';
import { createDatabase } from '../support/portolan';

let database: Database;
beforeAll(async () => {
  database = openDatabase({ connectionString: await createDatabase(), poolSize: 2, applicationName: 'sweepEvents.test' });
});
afterAll(() => database.close());

const query = async (text: string) => (await database.pool.query(text)).rows;

test('deletes what no stream can be resumed from, in as many batches as it takes; twice is as good as once', async () => {
  await query('delete from events');
  await query(`insert into events (type, data, created_at)
    select 'operation', n::text, now() - case when n <= 12000 then interval '16 minutes' else interval '11 minutes' end
    from generate_series(1, 12003) n`);
  // Nothing is swept that a reader could not have seen: an older transaction of another test may hold the horizon back.
  let swept = 0;
  for (const deadline = Date.now() + 10_000; swept < 12_000 && Date.now() < deadline; ) {
    swept += (await sweepEvents(database)).events;
  }
  expect(swept).toBe(12_000);
  expect(await query('select data from events order by seq')).toEqual([{ data: '12001' }, { data: '12002' }, { data: '12003' }]);
  expect(await sweepEvents(database)).toEqual({ events: 0 });
});

test('deletes tickets that nobody used in time, and notes that it ran', async () => {
  await query(`with owner as (insert into users (id, email, password_hash) values (gen_random_uuid(), 'a@example.com', 'x') returning id),
    login as (insert into logins (id, user_id, expires_at) select gen_random_uuid(), id, now() + interval '1 day' from owner returning id)
    insert into event_tickets (ticket_hash, login_id, expires_at)
      select decode(case n when 1 then '01' else '02' end, 'hex'), id, now() + make_interval(secs => n * 30) from login, generate_series(-1, 1) n where n <> 0`);
  await sweepEvents(database);
  expect(await query(`select encode(ticket_hash, 'hex') as hash from event_tickets`)).toEqual([{ hash: '01' }]);
  expect(await query(`select period_seconds from clock_jobs where name = 'sweepEvents'`)).toEqual([{ period_seconds: 600 }]);
});
