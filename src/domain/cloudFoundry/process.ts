/** What is known of the container of a placement. */
export interface ContainerReport {
  /** A deploy works on it. */
  isDeploying: boolean;
  /** In the words of the container engine, or `not_found`; `unknown`: nothing reports on it. */
  status: string;
  health: string;
}

export type InstanceState = 'RUNNING' | 'STARTING' | 'CRASHED' | 'DOWN';

const crashed = new Set(['exited', 'dead', 'restarting']);

/** The state of an instance. A container that ended is one that crashed, unless it was wanted to. */
export function instanceState({ isDeploying, status, health }: ContainerReport, desiredState: string): InstanceState {
  if (isDeploying) return 'STARTING';
  if (status === 'running') return health === 'unhealthy' ? 'CRASHED' : 'RUNNING';
  return desiredState !== 'stopped' && crashed.has(status) ? 'CRASHED' : 'DOWN';
}

/** Why an instance is down or crashed; null when there is nothing to tell. */
export function instanceDetails({ status, health }: ContainerReport, state: InstanceState, server: string): string | null {
  if (state === 'RUNNING' || state === 'STARTING') return null;
  if (status === 'unknown') return `Nothing reports on the container on server ${server}`;
  if (status === 'not_found') return `There is no container on server ${server}`;
  return `The container on server ${server} is ${status}${status === 'running' ? ` and ${health}` : ''}`;
}

/** What a service says of how its health is checked. */
export interface HealthSettings {
  healthCheckUrl: string | null;
  healthWaitMs: number;
  healthIntervalMs: number;
}

export interface HealthCheck {
  type: 'http' | 'process';
  data: { timeout: number; invocation_timeout: null; interval: number; endpoint?: string };
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** How the health of a process is checked: by calling a URL, or else by its process. Of the URL only the path is told. */
export function healthCheckOf({ healthCheckUrl, healthWaitMs, healthIntervalMs }: HealthSettings): HealthCheck {
  const data = { timeout: seconds(healthWaitMs), invocation_timeout: null, interval: seconds(healthIntervalMs) };
  if (healthCheckUrl === null) return { type: 'process', data };
  return { type: 'http', data: { ...data, endpoint: pathOf(healthCheckUrl) } };
}

/** A value without a scheme is a URL after `http://`. */
function pathOf(url: string): string {
  const whole = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  return URL.canParse(whole) ? new URL(whole).pathname : '/';
}

/** The user of an image, from what a droplet keeps of its config; null when it names none. */
export function userOf(executionMetadata: string | null): string | null {
  if (executionMetadata === null) return null;
  try {
    const { user } = JSON.parse(executionMetadata) as { user?: unknown };
    return typeof user === 'string' && user !== '' ? user : null;
  } catch {
    return null;
  }
}

/** What of a process can be asked to be another number. */
export interface Scale {
  instances: number;
  memory_in_mb: number;
  disk_in_mb: number;
  log_rate_limit_in_bytes_per_second: number;
}

/** What a process has: an instance for each placement, and no limits. */
export const scaleOf = (placements: number): Scale => ({
  instances: placements,
  memory_in_mb: 0,
  disk_in_mb: 0,
  log_rate_limit_in_bytes_per_second: -1,
});

/** Why a process cannot be scaled so; [] when it is so already. */
export function scaleProblems(present: Scale, wanted: Partial<Scale>): string[] {
  return (Object.keys(present) as (keyof Scale)[])
    .filter((member) => wanted[member] !== undefined && wanted[member] !== present[member])
    .map((member) =>
      member === 'instances'
        ? `instances is ${present.instances}, the number of placements of the service, and cannot be set`
        : `${member} is ${present[member]}: limits are not kept, and it cannot be set`,
    );
}
