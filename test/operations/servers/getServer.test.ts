import { placement, service } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { placementRow, serviceRow } from '../../support/rows';
import { hostRow, sampleRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan, 'production');
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getServer', { path: { id }, ...more });

describe('200', () => {
  test('every member, as stored', async () => {
    const id = await hostRow(portolan, envId, {
      name: 'web-1',
      hostname: 'localhost',
      public_ip: '203.0.113.7',
      tags: JSON.stringify(['z', 'a']),
      docker_mode: 'socket',
      metrics_mode: 'ssh',
      ssh_port: 2222,
      host_key_fingerprint: 'SHA256:abc',
      status: 'unhealthy',
      server_type: 'host',
      last_checked_at: '2026-03-01T08:00:00.12Z',
      last_health_check_status: 'timeout',
      last_health_check_at: '2026-03-01T08:00:00.1Z',
      last_health_check_type: 'ssh',
      last_health_check_duration_ms: 10000,
      last_health_check_error: 'It does not answer.',
      created_at: '2026-02-01T10:00:00+02:00',
      updated_at: '2026-02-01T10:00:00Z',
    });
    expect((await get(id)).body).toEqual({
      server: {
        id,
        environmentId: envId,
        name: 'web-1',
        hostname: 'localhost',
        privateIp: 'localhost',
        publicIp: '203.0.113.7',
        tags: ['z', 'a'],
        dockerMode: 'socket',
        clusterId: null,
        metricsMode: 'ssh',
        sshPort: 2222,
        hostKeyFingerprint: 'SHA256:abc',
        status: 'unhealthy',
        serverType: 'host',
        lastCheckedAt: '2026-03-01T08:00:00.120Z',
        lastHealthCheckStatus: 'timeout',
        lastHealthCheckAt: '2026-03-01T08:00:00.100Z',
        lastHealthCheckType: 'ssh',
        lastHealthCheckDurationMs: 10000,
        lastHealthCheckError: 'It does not answer.',
        metrics: null,
        environment: { id: envId, name: 'production', displayName: 'production' },
        _count: { services: 0 },
        createdAt: '2026-02-01T08:00:00.000Z',
        updatedAt: '2026-02-01T10:00:00.000Z',
      },
    });
  });

  test('the latest sample, with shares of what is there and whole megabytes', async () => {
    const id = await hostRow(portolan, envId);
    await sampleRow(portolan, id, 5, { cpu_percent: 99 });
    await sampleRow(portolan, id, 1, {
      collected_at: '2999-03-01T08:00:00Z',
      cpu_percent: 12.5,
      memory_used_mb: 1023.6,
      memory_total_mb: 4096.4,
      disk_used_gb: 25.25,
      disk_total_gb: 80,
      uptime_seconds: 864000,
    });
    expect((await get(id)).body.server.metrics).toEqual({
      cpuPercent: 12.5,
      memoryPercent: 24.99,
      memoryUsedMb: 1024,
      memoryTotalMb: 4096,
      diskPercent: 31.56,
      diskUsedGb: 25.25,
      diskTotalGb: 80,
      uptimeSeconds: 864000,
      timestamp: '2999-03-01T08:00:00.000Z',
    });
  });

  test('what a sample did not collect is null', async () => {
    const id = await hostRow(portolan, envId);
    await sampleRow(portolan, id, 1, { memory_used_mb: 10 });
    expect((await get(id)).body.server.metrics).toMatchObject({ cpuPercent: null, memoryPercent: null, memoryUsedMb: 10 });
  });

  test('it counts what is placed on it, also when that is asked for', async () => {
    const id = await hostRow(portolan, envId);
    for (let i = 0; i < 2; i++) await placementRow(portolan, await serviceRow(portolan, envId), null, { server_id: id });
    expect((await get(id)).body.server._count).toEqual({ services: 2 });
    const included = await get(id, { query: { include: 'services' } });
    expect([included.status, included.body.server._count]).toEqual([200, { services: 2 }]);
  });

  test('with include=services: what is placed on it, and the services of that as its list shows them', async () => {
    const id = await hostRow(portolan, envId);
    const ids = [
      (await service(portolan, envId, { name: 'z-first' } as object)).id,
      (await service(portolan, envId, { name: 'a-second' } as object)).id,
    ];
    const placed = [];
    for (const serviceId of ids) placed.push(await placement(portolan, serviceId, { serverId: id }));
    await placement(portolan, ids[0] as string);
    const { server } = (await get(id, { query: { include: 'services' } })).body;
    expect(server.serviceDeployments).toEqual(placed);
    const listed = await portolan.call('listServerServices', { path: { serverId: id } });
    expect(server.services).toEqual(listed.body.services);
    expect(server.services.map((row: { name: string }) => row.name)).toEqual(['a-second', 'z-first']);
    const { serviceDeployments: _, services: __, ...rest } = server;
    expect((await get(id)).body.server).toEqual(rest);
  });

  test('with include=services on a server where nothing is', async () => {
    const { server } = (await get(await hostRow(portolan, envId), { query: { include: 'services' } })).body;
    expect(server).toMatchObject({ serviceDeployments: [], services: [] });
  });
});

describe('304', () => {
  test('until something shows differently; a new sample does', async () => {
    const id = await hostRow(portolan, envId);
    const headers = { 'if-none-match': String((await get(id)).headers.etag) };
    const same = await get(id, { headers });
    expect([same.status, same.text]).toEqual([304, '']);
    await sampleRow(portolan, id, 1);
    const changed = await get(id, { headers });
    expect(changed.status).toBe(200);
    expect(String(changed.headers.etag).split('.')[0]).toBe(headers['if-none-match'].split('.')[0]);
  });
});

describe('400', () => {
  test.each([
    [{ include: 'everything' }, 'include[0]', 'enum'],
    [{ inclde: 'services' }, 'inclde', 'unknown_parameter'],
  ])('%j', async (query, field, code) => {
    const answer = await get(await hostRow(portolan, envId), { query });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('403', () => {
  test('services belong to whoever may read services', async () => {
    const id = await hostRow(portolan, envId);
    const poor = await token(portolan, { role: 'viewer', scopes: ['servers:read'] });
    const answer = await get(id, { query: { include: 'services' }, token: poor.token });
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([
      403,
      'FORBIDDEN_SCOPE',
      { requiredScope: 'services:read' },
    ]);
    const rich = await token(portolan, { role: 'viewer', scopes: ['servers:read', 'services:read'] });
    expect((await get(id, { query: { include: 'services' }, token: rich.token })).status).toBe(200);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad query', async (id) => {
    expect((await get(id, { query: { include: 'everything' } })).status).toBe(404);
  });

  test('a server outside of the token’s environments', async () => {
    const id = await hostRow(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await get(id, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { role: 'viewer', scopes: ['servers:read'], environments: [envId] });
    expect((await get(id, { token: own.token })).status).toBe(200);
  });
});
