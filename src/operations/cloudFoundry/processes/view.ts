import type { components } from '../../../../generated/contract';
import {
  type ContainerReport,
  healthCheckOf,
  instanceDetails,
  instanceState,
  scaleOf,
  userOf,
} from '../../../domain/cloudFoundry/process';
import type { PlacementFacts, ProcessRow } from '../../../store/cloudFoundry/processes';
import { redactions, type StartData } from '../droplets/view';
import { v3Time } from '../times';

type Schemas = components['schemas'];

const type = 'web';

/** What clients of /v3 see of a service as a process. */
export function toProcess(
  row: ProcessRow,
  publicUrl: string,
  { startData, embed }: { startData: StartData; embed: boolean },
): Schemas['V3Process'] {
  const self = `${publicUrl}/v3/processes/${row.id}`;
  const app = `${publicUrl}/v3/apps/${row.id}`;
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    version: String(row.version),
    type,
    command: startData === 'shown' ? commandOf(row) : redactions[startData],
    user: startData === 'shown' ? userOf(row.execution_metadata) : redactions[startData],
    ...scaleOf(row.placements.length),
    health_check: healthCheckOf({
      healthCheckUrl: row.health_check_url,
      healthWaitMs: row.health_wait_ms,
      healthIntervalMs: row.health_interval_ms,
    }),
    readiness_health_check: { type: 'process', data: { invocation_timeout: null, interval: null } },
    ...(embed ? { process_instances: toInstances(row) } : {}),
    relationships: { app: { data: { guid: row.id } }, revision: null },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: {
      self: { href: self },
      scale: { href: `${self}/actions/scale`, method: 'POST' },
      app: { href: app },
      space: { href: `${publicUrl}/v3/spaces/${row.environment_id}` },
      stats: { href: `${self}/stats` },
      process_instances: { href: `${self}/process_instances` },
    },
  };
}

/** An image without a command of its own has the empty one, which starts nothing that could be told. */
const commandOf = (row: ProcessRow): string | null => row.process_types?.[type] || null;

const reportOn = (placed: PlacementFacts): ContainerReport => ({
  isDeploying: placed.is_deploying,
  status: placed.container_status,
  health: placed.health_status,
});

const stateOf = (row: ProcessRow, placed: PlacementFacts) => instanceState(reportOn(placed), row.desired_state);

/** The instances of a process: its placements by age. */
export const toInstances = (row: ProcessRow): Schemas['V3ProcessInstance'][] =>
  row.placements.map((placed, index) => ({ index, state: stateOf(row, placed), since: placed.since_second }));

/** As `toInstances`, with what is known of each. What it uses is not measured, and limits are not kept. */
export const toStats = (row: ProcessRow, now: Date): Schemas['V3InstanceStats'][] =>
  row.placements.map((placed, index) => {
    const state = stateOf(row, placed);
    const details = instanceDetails(reportOn(placed), state, placed.server_name);
    const routable = state === 'RUNNING';
    if (state === 'DOWN') return { type, index, state, routable, uptime: 0, isolation_segment: null, details };
    return {
      type,
      index,
      instance_guid: placed.id,
      state,
      routable,
      host: placed.server_name,
      instance_internal_ip: placed.server_hostname,
      uptime: routable ? Math.max(0, Math.floor(now.getTime() / 1000) - placed.since_second) : 0,
      mem_quota: null,
      disk_quota: null,
      log_rate_limit: -1,
      fds_quota: null,
      isolation_segment: null,
      details,
      instance_ports: placed.exposed_ports.map(toPort),
      usage: {},
    };
  });

const toPort = ({ host, container }: PlacementFacts['exposed_ports'][number]) => ({
  external: host,
  internal: container,
  external_tls_proxy_port: null,
  internal_tls_proxy_port: null,
});
