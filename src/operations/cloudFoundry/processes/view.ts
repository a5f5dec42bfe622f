import type { components } from '../../../../generated/contract';
import { healthCheckOf, instanceState, noReport, scaleOf, userOf } from '../../../domain/cloudFoundry/process';
import type { ProcessRow } from '../../../store/cloudFoundry/processes';
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
    user: userOf(row.execution_metadata),
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

/** No executor tells of containers in this release. */
const stateOf = (row: ProcessRow) => instanceState(noReport, row.desired_state);

/** The instances of a process: its placements by age. */
export const toInstances = (row: ProcessRow): Schemas['V3ProcessInstance'][] =>
  row.placements.map(({ created_second: since }, index) => ({ index, state: stateOf(row), since }));

/** As `toInstances`, in the form of what is down: it uses nothing. */
export const toStats = (row: ProcessRow): Schemas['V3InstanceStats'][] =>
  row.placements.map(({ server_name: server }, index) => ({
    type,
    index,
    state: stateOf(row),
    routable: false,
    uptime: 0,
    isolation_segment: null,
    details: `Nothing reports on the container on server ${server}`,
  }));
