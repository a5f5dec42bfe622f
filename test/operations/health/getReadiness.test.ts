import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('every part is ok', async () => {
    expect((await portolan.call('getReadiness')).body).toEqual({
      status: 'ok',
      checks: { database: 'ok', migrations: 'ok', jobs: 'ok' },
    });
  });
});

describe('503', () => {
  test('an overdue clock job is named', async () => {
    await portolan.sql(
      "insert into clock_jobs (name, period_seconds, last_run_at) values ('sweepExpired', 60, now() - interval '3 minutes')",
    );
    const answer = await portolan.call('getReadiness');
    expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.body.details.checks.jobs).toBe('overdue: sweepExpired');
    await portolan.sql('delete from clock_jobs');
  });

  test('a migration that is missing shows', async () => {
    await portolan.sql("update kysely_migration set name = 'x' || name");
    const answer = await portolan.call('getReadiness');
    expect([answer.status, answer.body.details.checks.migrations]).toEqual([503, 'pending']);
    await portolan.sql('update kysely_migration set name = substr(name, 2)');
  });

  test('a database that is away shows, and when to try again', async () => {
    const away = await startPortolan({}, { databaseUrl: 'postgres://nobody:none@127.0.0.1:9/none' });
    try {
      const answer = await away.call('getReadiness');
      expect([answer.status, answer.body.details.checks.database, answer.headers['retry-after']]).toEqual([
        503,
        'unreachable',
        '1',
      ]);
    } finally {
      await away.close();
    }
  });
});
