import type { components } from '../../../generated/contract';
import { percentOf, rounded } from '../../domain/servers/metrics';
import type { ServerSampleRow } from '../../store/serverMetrics';
import type { ServerRow } from '../../store/servers';

type Schemas = components['schemas'];
type Server = Schemas['Server'];

/** What clients see of a server. */
export function toServer(row: ServerRow): Server {
  return {
    id: row.id,
    environmentId: row.environment_id,
    name: row.name,
    hostname: row.hostname,
    privateIp: row.hostname,
    publicIp: row.public_ip,
    tags: row.tags as string[],
    dockerMode: row.docker_mode as Server['dockerMode'],
    clusterId: null,
    metricsMode: row.metrics_mode as Server['metricsMode'],
    sshPort: row.ssh_port,
    hostKeyFingerprint: row.host_key_fingerprint,
    status: row.status as Server['status'],
    serverType: row.server_type as Server['serverType'],
    lastCheckedAt: row.last_checked_at,
    lastHealthCheckStatus: row.last_health_check_status,
    lastHealthCheckAt: row.last_health_check_at,
    lastHealthCheckType: row.last_health_check_type,
    lastHealthCheckDurationMs: row.last_health_check_duration_ms,
    lastHealthCheckError: row.last_health_check_error,
    metrics: toServerMetrics(row),
    environment: {
      id: row.environment_id,
      name: row.environment_name,
      displayName: row.environment_display_name ?? row.environment_name,
    },
    _count: { services: row.service_count },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toServerMetrics(row: ServerRow): Schemas['ServerMetrics'] | null {
  if (row.sample_collected_at === null) return null;
  return {
    cpuPercent: row.sample_cpu_percent,
    memoryPercent: percentOf(row.sample_memory_used_mb, row.sample_memory_total_mb),
    memoryUsedMb: rounded(row.sample_memory_used_mb),
    memoryTotalMb: rounded(row.sample_memory_total_mb),
    diskPercent: percentOf(row.sample_disk_used_gb, row.sample_disk_total_gb),
    diskUsedGb: row.sample_disk_used_gb,
    diskTotalGb: row.sample_disk_total_gb,
    uptimeSeconds: row.sample_uptime_seconds,
    timestamp: row.sample_collected_at,
  };
}

/** What clients see of a sample. */
export const toServerSample = (row: ServerSampleRow): Schemas['ServerSample'] => ({
  id: row.id,
  cpuPercent: row.cpu_percent,
  memoryUsedMb: row.memory_used_mb,
  memoryTotalMb: row.memory_total_mb,
  swapUsedMb: row.swap_used_mb,
  swapTotalMb: row.swap_total_mb,
  diskUsedGb: row.disk_used_gb,
  diskTotalGb: row.disk_total_gb,
  loadAvg1: row.load_avg_1,
  loadAvg5: row.load_avg_5,
  loadAvg15: row.load_avg_15,
  uptime: row.uptime_seconds,
  openFds: row.open_fds,
  maxFds: row.max_fds,
  tcpEstablished: row.tcp_established,
  tcpListen: row.tcp_listen,
  tcpTimeWait: row.tcp_time_wait,
  tcpCloseWait: row.tcp_close_wait,
  tcpTotal: row.tcp_total,
  source: row.source,
  collectedAt: row.collected_at,
});
