import type { components } from '../../../generated/contract';
import type { PlacementRow } from '../../store/serviceDeployments';

type Placement = components['schemas']['ServiceDeployment'];

/** What clients see of a placement: the same alone, in lists and inside a service. */
export function toServiceDeployment(row: PlacementRow): Placement {
  const { id, name, hostname, publicIp, status } = row.server;
  return {
    id: row.id,
    environmentId: row.environment_id,
    serviceId: row.service_id,
    serverId: row.server_id,
    containerName: row.container_name,
    composePath: row.compose_path,
    envOverrides: row.env_overrides as Placement['envOverrides'],
    exposedPorts: toPorts(row.exposed_ports),
    status: row.status as Placement['status'],
    containerStatus: row.container_status as Placement['containerStatus'],
    healthStatus: row.health_status as Placement['healthStatus'],
    discoveryStatus: row.discovery_status as Placement['discoveryStatus'],
    imageDigestId: row.image_digest_id,
    runningDigest: row.running_digest,
    lastCheckedAt: row.last_checked_at,
    lastDiscoveredAt: row.last_discovered_at,
    lastDeployedAt: row.last_deployed_at,
    lastHealthCheckStatus: row.last_health_check_status as Placement['lastHealthCheckStatus'],
    lastHealthCheckAt: row.last_health_check_at,
    lastHealthCheckType: row.last_health_check_type as Placement['lastHealthCheckType'],
    lastHealthCheckDurationMs: row.last_health_check_duration_ms,
    lastHealthCheckError: row.last_health_check_error,
    server: { id, name, hostname, publicIp, status },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const toPorts = (stored: unknown): Placement['exposedPorts'] =>
  (stored as Placement['exposedPorts']).map(({ host, container, protocol, hostIp }) => ({ host, container, protocol, hostIp }));
