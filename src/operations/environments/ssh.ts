import type { components } from '../../../generated/contract';
import { Problem } from '../../domain/errors';
import { type EnvironmentDefaults, environmentSettingsOf } from '../../domain/settings/environmentSettings';
import type { EnvironmentSshRow, SshAccess } from '../../store/environmentSsh';

type EnvironmentSsh = components['schemas']['EnvironmentSsh'];

/** Who signs in where nothing else is said. */
export const usualSshUser = ({ general }: SshAccess, installation: EnvironmentDefaults): string =>
  environmentSettingsOf('general', general, installation).sshUser;

/** What clients see of the SSH access; the key itself is no part of it. */
export const toSsh = (access: SshAccess, installation: EnvironmentDefaults): EnvironmentSsh => ({
  configured: access.ssh !== null,
  sshUser: access.ssh?.ssh_user ?? usualSshUser(access, installation),
  keyType: (access.ssh?.key_type as EnvironmentSsh['keyType']) ?? null,
  fingerprint: access.ssh?.fingerprint ?? null,
});

/** The version of the SSH access; 0 = no key is set. */
export const versionOfSsh = ({ ssh }: SshAccess): number => ssh?.version ?? 0;

/** The row of the key; 404 when none is set. */
export function requireSshKey({ environment_name, ssh }: SshAccess): EnvironmentSshRow {
  if (ssh) return ssh;
  throw new Problem('not_found', {
    message: `The environment "${environment_name}" has no SSH key.`,
    hint: 'Set one with setEnvironmentSsh.',
  });
}
