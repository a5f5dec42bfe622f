import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { hostRow, sampleRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
let serverId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serverId = await hostRow(portolan, envId);
  // Two of one time, so that the id decides.
  const time = new Date(Date.now() - 60_000).toISOString();
  for (const cpu of [1, 2]) await sampleRow(portolan, serverId, 0, { collected_at: time, cpu_percent: cpu });
  for (const hours of [2, 23, 25, 700]) await sampleRow(portolan, serverId, hours * 60, { cpu_percent: 10 + hours });
  await sampleRow(portolan, serverId, 721 * 60);
  await sampleRow(portolan, await hostRow(portolan, envId), 1);
});
afterAll(() => portolan.close());

const list = (query: object = {}, more: object = {}) =>
  portolan.call('listServerMetrics', { path: { id: serverId }, query: query as Record<string, string>, ...more });

describeListRules(() => portolan, {
  operationId: 'listServerMetrics',
  member: 'metrics',
  sortable: { collectedAt: (row) => row.collectedAt },
  call: () => ({ path: { id: serverId }, query: { hours: 720 } }),
  otherFilter: { hours: '719' },
  otherSort: 'collectedAt',
});

describe('200', () => {
  test.each([
    [{}, 4, 33],
    [{ hours: 1 }, 2, 2],
    [{ hours: 26 }, 5, 35],
    [{ hours: 720 }, 6, 710],
  ])('%j: newest first, as far back as asked', async (query, total, oldest) => {
    const { body } = await list(query);
    expect([body.total, body.metrics.length]).toEqual([total, total]);
    expect(body.metrics.slice(0, 2).map(({ cpuPercent }: { cpuPercent: number }) => cpuPercent)).toEqual([2, 1]);
    expect(Math.max(...body.metrics.map(({ cpuPercent }: { cpuPercent: number }) => cpuPercent))).toBe(oldest);
  });

  test('every member; null is what was not collected', async () => {
    const id = await hostRow(portolan, envId);
    const full = await sampleRow(portolan, id, 0, {
      collected_at: '2999-03-01T08:00:00Z',
      source: 'agent',
      cpu_percent: 1.5,
      memory_used_mb: 2.5,
      memory_total_mb: 3,
      swap_used_mb: 4,
      swap_total_mb: 5,
      disk_used_gb: 6,
      disk_total_gb: 7,
      load_avg_1: 0.1,
      load_avg_5: 0.2,
      load_avg_15: 0.3,
      uptime_seconds: 8,
      open_fds: 9,
      max_fds: '9007199254740991',
      tcp_established: 10,
      tcp_listen: 11,
      tcp_time_wait: 12,
      tcp_close_wait: 13,
      tcp_total: 14,
    });
    await sampleRow(portolan, id, 1);
    const [first, second] = (await portolan.call('listServerMetrics', { path: { id } })).body.metrics;
    expect(first).toEqual({
      id: full,
      cpuPercent: 1.5,
      memoryUsedMb: 2.5,
      memoryTotalMb: 3,
      swapUsedMb: 4,
      swapTotalMb: 5,
      diskUsedGb: 6,
      diskTotalGb: 7,
      loadAvg1: 0.1,
      loadAvg5: 0.2,
      loadAvg15: 0.3,
      uptime: 8,
      openFds: 9,
      maxFds: 9007199254740991,
      tcpEstablished: 10,
      tcpListen: 11,
      tcpTimeWait: 12,
      tcpCloseWait: 13,
      tcpTotal: 14,
      source: 'agent',
      collectedAt: '2999-03-01T08:00:00.000Z',
    });
    const { id: _, source, collectedAt, ...measured } = second;
    expect([source, typeof collectedAt]).toEqual(['ssh', 'string']);
    expect(new Set(Object.values(measured))).toEqual(new Set([null]));
  });

  test('q looks at what collected them', async () => {
    expect((await list({ q: 'SS' })).body.total).toBe(4);
    expect((await list({ q: 'agent' })).body.total).toBe(0);
  });
});

describe('400', () => {
  test.each([
    [{ hours: 0 }, 'hours', 'minimum'],
    [{ hours: 721 }, 'hours', 'maximum'],
    [{ hours: '1.5' }, 'hours', 'type'],
  ])('%j', async (query, field, code) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('server %s, also with a bad query', async (id) => {
    for (const query of [{}, { hours: 0 }]) {
      expect((await portolan.call('listServerMetrics', { path: { id }, query })).status).toBe(404);
    }
  });

  test('a server outside of the token’s environments', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
