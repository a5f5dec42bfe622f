import type { Portolan } from '../../support/portolan';

/** What a host told of a container, and its placement of what was deployed; as it is shown. */
const seen = {
  exposedPorts: [
    { host: 8080, container: 80, protocol: 'tcp', hostIp: null },
    { host: null, container: 53, protocol: 'udp', hostIp: '127.0.0.1' },
  ],
  status: 'unhealthy',
  containerStatus: 'running',
  healthStatus: 'unhealthy',
  discoveryStatus: 'found',
  runningDigest: `sha256:${'a1'.repeat(32)}`,
  lastCheckedAt: '2026-03-01T08:00:00.120Z',
  lastDiscoveredAt: '2026-03-01T08:00:00.130Z',
  lastDeployedAt: '2026-03-01T07:59:00.007Z',
  lastHealthCheckStatus: 'timeout',
  lastHealthCheckAt: '2026-03-01T08:00:00.140Z',
  lastHealthCheckType: 'url',
  lastHealthCheckDurationMs: 10_000,
  lastHealthCheckError: 'no answer within 10 s',
};

/** Stores what a host would tell of a placement and of itself; gives that as it is shown. */
export async function watchPlacement(portolan: Portolan, id: string) {
  const columns = Object.entries(seen).map(([member, value]) => [
    member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    typeof value === 'object' ? JSON.stringify(value) : value,
  ]);
  const changes = columns.map(([name], index) => `${name} = $${index + 2}`);
  await portolan.sql(`update service_deployments set ${changes.join(', ')} where id = $1`, [
    id,
    ...columns.map(([, value]) => value),
  ]);
  await portolan.sql(
    `update servers set public_ip = '203.0.113.7', status = 'healthy'
     where id = (select server_id from service_deployments where id = $1)`,
    [id],
  );
  return { shown: seen, server: { publicIp: '203.0.113.7', status: 'healthy' } };
}
