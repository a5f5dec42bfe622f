import type { Issue } from '../errors';

export type RegistryType = 'digitalocean' | 'dockerhub' | 'generic';

/** What a user sets. Credentials are only known as present or not: their values are none of this file's business. */
export interface RegistrySettings {
  name: string;
  type: RegistryType;
  registryUrl: string;
  repositoryPrefix: string | null;
  username: string | null;
  isDefault: boolean;
  refreshIntervalMinutes: number;
  autoLinkPattern: string | null;
  hasToken: boolean;
  hasPassword: boolean;
}

/** Absent keeps, null clears, a value sets; `""` clears the members that may be null. */
export interface RegistryPatch {
  name?: string | undefined;
  type?: RegistryType | undefined;
  registryUrl?: string | undefined;
  repositoryPrefix?: string | null | undefined;
  token?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  isDefault?: boolean | undefined;
  refreshIntervalMinutes?: number | undefined;
  autoLinkPattern?: string | null | undefined;
}

/** The value of a nullable text member after a patch. */
export function patchedText(present: string | null, patch: string | null | undefined): string | null {
  if (patch === undefined) return present;
  return patch === '' ? null : patch;
}

/** The settings after a patch. */
export function applyRegistryPatch(present: RegistrySettings, patch: RegistryPatch): RegistrySettings {
  return {
    name: patch.name ?? present.name,
    type: patch.type ?? present.type,
    registryUrl: patch.registryUrl ?? present.registryUrl,
    repositoryPrefix: patchedText(present.repositoryPrefix, patch.repositoryPrefix),
    username: patchedText(present.username, patch.username),
    isDefault: patch.isDefault ?? present.isDefault,
    refreshIntervalMinutes: patch.refreshIntervalMinutes ?? present.refreshIntervalMinutes,
    autoLinkPattern: patchedText(present.autoLinkPattern, patch.autoLinkPattern),
    hasToken: patch.token === undefined ? present.hasToken : Boolean(patch.token),
    hasPassword: patch.password === undefined ? present.hasPassword : Boolean(patch.password),
  };
}

/** What a connection starts from. */
export const newRegistry = (name: string, type: RegistryType, registryUrl: string): RegistrySettings => ({
  name,
  type,
  registryUrl,
  repositoryPrefix: null,
  username: null,
  isDefault: false,
  refreshIntervalMinutes: 30,
  autoLinkPattern: null,
  hasToken: false,
  hasPassword: false,
});

/** Rules that span members, checked on the resulting object. */
export function checkRegistry(settings: RegistrySettings): Issue[] {
  const issues: Issue[] = [];
  const missing = (field: string, message: string, hint: string) =>
    issues.push({ in: 'body', field, code: 'inconsistent', message, hint });
  if (settings.type === 'digitalocean') {
    if (!settings.repositoryPrefix) {
      missing('repositoryPrefix', 'A digitalocean connection needs repositoryPrefix.', 'It is the name of the registry.');
    }
    if (!settings.hasToken) {
      missing('token', 'A digitalocean connection needs a token.', 'Create one under API in the DigitalOcean console.');
    }
  }
  if (settings.type === 'dockerhub' && (settings.hasToken || settings.hasPassword) && !settings.username) {
    missing('username', 'Docker Hub takes a token or password only together with a username.', 'Send username too.');
  } else if (settings.hasPassword && !settings.username) {
    missing('username', 'A password needs a username.', 'Send username too, or clear password with null.');
  }
  return issues;
}

/** Members whose value a patch changes; a credential that is given counts as changed, since values are not compared. */
export function changedMembers(before: RegistrySettings, after: RegistrySettings, patch: RegistryPatch): string[] {
  const plain = [
    'name',
    'type',
    'registryUrl',
    'repositoryPrefix',
    'username',
    'isDefault',
    'refreshIntervalMinutes',
    'autoLinkPattern',
  ] as const;
  const changed: string[] = plain.filter((member) => before[member] !== after[member]);
  for (const [member, present] of [
    ['token', before.hasToken],
    ['password', before.hasPassword],
  ] as const) {
    if (patch[member] || (patch[member] !== undefined && present)) changed.push(member);
  }
  return changed;
}

/** Members that decide which images a connection serves. */
const ofChoice = ['type', 'registryUrl', 'repositoryPrefix', 'isDefault', 'autoLinkPattern'];
/** Members without which the connection would have read something else, or nothing. */
const ofReading = [...ofChoice, 'username', 'token', 'password'];

/** Whether images may have another connection in effect after these members changed. */
export const changesChoice = (changed: readonly string[]): boolean => changed.some((member) => ofChoice.includes(member));

/** Whether what was read before these members changed is worth reading again now. */
export const needsRefresh = (changed: readonly string[]): boolean => changed.some((member) => ofReading.includes(member));
