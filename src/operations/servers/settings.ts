import { type DockerMode, type MetricsMode, type ServerSettings, serverTypeOf } from '../../domain/servers/server';
import type { ServerRow, ServerValues } from '../../store/servers';

/** A stored server as the domain sees it. */
export const settingsOf = (row: ServerRow): ServerSettings => ({
  name: row.name,
  hostname: row.hostname,
  publicIp: row.public_ip,
  tags: row.tags as string[],
  dockerMode: row.docker_mode as DockerMode,
  metricsMode: row.metrics_mode as MetricsMode,
  sshPort: row.ssh_port,
  hostKeyFingerprint: row.host_key_fingerprint,
});

/** Settings as the store takes them. */
export const valuesOf = (settings: ServerSettings): ServerValues => ({
  name: settings.name,
  hostname: settings.hostname,
  public_ip: settings.publicIp,
  tags: JSON.stringify(settings.tags),
  docker_mode: settings.dockerMode,
  metrics_mode: settings.metricsMode,
  ssh_port: settings.sshPort,
  host_key_fingerprint: settings.hostKeyFingerprint,
  server_type: serverTypeOf(settings.hostname),
});
