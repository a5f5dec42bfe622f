import { uuidv7 } from 'uuidv7';
import { sweepExpired } from '../../src/jobs/sweepExpired';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { auditRow, operationRow, serverRow, serviceRow } from '../support/rows';

let portolan: Portolan;
let envId: string;
let serverId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serverId = await serverRow(portolan, await serviceRow(portolan, envId));
});
afterAll(() => portolan.close());

const sweep = async (body: object) => {
  await portolan.call('resetSystemSettings');
  await portolan.call('updateSystemSettings', { body });
  const { database, liveSettings } = portolan.context;
  return sweepExpired(database, liveSettings.current());
};
const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const healthLog = (days: number) =>
  portolan.sql(
    `insert into health_logs (id, environment_id, resource_type, resource_id, resource_name, check_type, status, created_at)
     values ($1, $2, 'server', $3, 'web', 'ssh', 'success', $4)`,
    [uuidv7(), envId, serverId, ago(days)],
  );
const sample = (days: number) =>
  portolan.sql("insert into server_metrics (id, server_id, collected_at, source) values ($1, $2, $3, 'ssh')", [
    uuidv7(),
    serverId,
    ago(days),
  ]);

test('health logs and samples of servers are kept as long as the setting says', async () => {
  for (const days of [1, 6, 8, 40]) await Promise.all([healthLog(days), sample(days)]);
  expect(await sweep({})).toMatchObject({ health_logs: 1, server_metrics: 1 });
  expect(await sweep({ healthLogRetentionDays: 7 })).toMatchObject({ health_logs: 1, server_metrics: 1 });
  expect(await sweep({ healthLogRetentionDays: 7 })).toMatchObject({ health_logs: 0, server_metrics: 0 });
  expect(await portolan.sql('select 1 from health_logs')).toHaveLength(2);
});

test('audit rows are kept as long as the setting says; 0 is for ever', async () => {
  for (const days of [10, 100, 4000]) await auditRow(portolan, { created_at: ago(days) });
  expect((await sweep({ auditLogRetentionDays: 0 })).audit_logs).toBeUndefined();
  expect((await sweep({ auditLogRetentionDays: 3650 })).audit_logs).toBe(1);
  expect((await sweep({})).audit_logs).toBe(1);
  expect((await sweep({ auditLogRetentionDays: 5 })).audit_logs).toBe(1);
});

test('ended operations are kept as long as the setting says, others for ever', async () => {
  for (const days of [10, 100])
    await operationRow(portolan, { environment_id: envId, state: 'succeeded', finished_at: ago(days) });
  await operationRow(portolan, { environment_id: envId, state: 'running', created_at: ago(400) });
  expect((await sweep({})).operations).toBe(1);
  expect((await sweep({ operationRetentionDays: 9 })).operations).toBe(1);
  expect((await sweep({ operationRetentionDays: 1 })).operations).toBe(0);
});

test('more than a batch goes in one sweep: a retention may have been shortened', async () => {
  await portolan.sql(
    `insert into server_metrics (id, server_id, collected_at, source)
     select gen_random_uuid(), $1, now() - interval '50 days', 'ssh' from generate_series(1, 20100)`,
    [serverId],
  );
  expect((await sweep({})).server_metrics).toBe(20_100);
});
