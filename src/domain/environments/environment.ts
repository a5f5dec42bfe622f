import { type Problem, stateForbids } from '../errors';

/** What a user sets. */
export interface EnvironmentSettings {
  name: string;
  displayName: string | null;
}

/** Absent keeps, null clears, a value sets. */
export interface EnvironmentPatch {
  name?: string | undefined;
  displayName?: string | null | undefined;
}

/** The settings after a patch. */
export const applyEnvironmentPatch = (present: EnvironmentSettings, patch: EnvironmentPatch): EnvironmentSettings => ({
  name: patch.name ?? present.name,
  displayName: patch.displayName === undefined ? present.displayName : patch.displayName,
});

/** 409: Portolan itself finds this environment by its name. */
export function protectedEnvironment(name: string, verb: 'renamed' | 'deleted'): Problem {
  const hint = verb === 'renamed' ? 'Set displayName instead.' : 'Delete what it holds, object by object.';
  return stateForbids(`The environment "${name}" is protected and cannot be ${verb}.`, { state: 'protected' }, hint);
}

/** How many objects of each kind an environment holds. */
export interface EnvironmentCounts {
  services: number;
  registries: number;
  containerImages: number;
  servers: number;
  vars: number;
  secrets: number;
  configFragments: number;
  configFiles: number;
}

/** All of them together. */
export const totalOf = (counts: EnvironmentCounts): number => Object.values({ ...counts }).reduce((sum, count) => sum + count, 0);

/** What the audit row of a deletion tells. */
export function deletionDetails(cascade: boolean, counts: EnvironmentCounts) {
  if (!cascade) return { cascade };
  const note = 'Only what Portolan knew was deleted; containers that were deployed from here keep running.';
  return { cascade, deleted: { ...counts }, note };
}
