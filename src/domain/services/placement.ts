import type { Issue } from '../errors';
import { patchedText } from '../registries/registry';
import { envIssues } from './service';

/** What a user sets on a placement. */
export interface PlacementSettings {
  containerName: string;
  composePath: string | null;
  envOverrides: Readonly<Record<string, string>>;
}

/** Absent keeps, null clears, a value sets; `""` clears the path. */
export interface PlacementPatch {
  containerName?: string | undefined;
  composePath?: string | null | undefined;
  envOverrides?: Readonly<Record<string, string>> | null | undefined;
}

/** What a placement starts from. */
export const newPlacement = (containerName: string): PlacementSettings => ({
  containerName,
  composePath: null,
  envOverrides: {},
});

/** The settings after a patch; a map replaces the whole old one. */
export const applyPlacementPatch = (present: PlacementSettings, patch: PlacementPatch): PlacementSettings => ({
  containerName: patch.containerName ?? present.containerName,
  composePath: patchedText(present.composePath, patch.composePath),
  envOverrides: patch.envOverrides === undefined ? present.envOverrides : (patch.envOverrides ?? {}),
});

/** Rules on what a patch sets that a schema cannot hold. */
export function checkPlacement(patch: PlacementPatch): Issue[] {
  const issues = envIssues('envOverrides', patch.envOverrides);
  if (patch.composePath && !isAbsolutePath(patch.composePath)) {
    const message = 'Must be an absolute path on the server.';
    const hint = 'Write the whole path of the compose file, such as /opt/shop/docker-compose.yml.';
    issues.push({ in: 'body', field: 'composePath', code: 'format', message, hint });
  }
  return issues;
}

const isAbsolutePath = (text: string): boolean => text.startsWith('/') && !/\p{Cc}/u.test(text);

/** What the audit tells of a placement: variables by key only. */
export function auditedPlacement({ envOverrides, ...plain }: PlacementSettings): object {
  return { ...plain, envOverrides: Object.keys(envOverrides) };
}

/** How a placement is, as its host told. */
export interface PlacementState {
  status: string;
  containerStatus: string;
  healthStatus: string;
  discoveryStatus: string;
}

/** How many placements a service has, and how they are. */
export interface PlacementSummary {
  placements: number;
  running: number;
  healthy: number;
  unhealthy: number;
  missing: number;
}

/** Counts placements by what is told of them; one may count under several. */
export function summaryOf(placements: readonly PlacementState[]): PlacementSummary {
  const count = (holds: (placement: PlacementState) => boolean) => placements.filter(holds).length;
  return {
    placements: placements.length,
    running: count(({ containerStatus }) => containerStatus === 'running'),
    healthy: count(({ healthStatus }) => healthStatus === 'healthy'),
    unhealthy: count(({ healthStatus }) => healthStatus === 'unhealthy'),
    missing: count(({ status, discoveryStatus }) => status === 'missing' || discoveryStatus === 'missing'),
  };
}
