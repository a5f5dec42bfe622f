import type { RegistryPatch, RegistrySettings, RegistryType } from '../../domain/registries/registry';
import type { RegistryRow, RegistryValues } from '../../store/registries';
import { type Keyring, seal } from '../../store/sealing';

/** A stored connection as the domain sees it. */
export const settingsOf = (row: RegistryRow): RegistrySettings => ({
  name: row.name,
  type: row.type as RegistryType,
  registryUrl: row.registry_url,
  repositoryPrefix: row.repository_prefix,
  username: row.username,
  isDefault: row.is_default,
  refreshIntervalMinutes: row.refresh_interval_minutes,
  autoLinkPattern: row.auto_link_pattern,
  hasToken: row.token_sealed !== null,
  hasPassword: row.password_sealed !== null,
});

/** Settings as the store takes them: given credentials sealed for this row, others as they were. */
export function valuesOf(
  settings: RegistrySettings,
  patch: RegistryPatch,
  id: string,
  present: Pick<RegistryRow, 'token_sealed' | 'password_sealed'> | null,
  keyring: Keyring,
): RegistryValues {
  const sealed = (column: 'token' | 'password', text: string | null | undefined, kept: string | null) => {
    if (text === undefined) return kept;
    return text ? seal(keyring, { table: 'registries', column, rowId: id }, text) : null;
  };
  return {
    name: settings.name,
    type: settings.type,
    registry_url: settings.registryUrl,
    repository_prefix: settings.repositoryPrefix,
    username: settings.username,
    token_sealed: sealed('token', patch.token, present?.token_sealed ?? null),
    password_sealed: sealed('password', patch.password, present?.password_sealed ?? null),
    is_default: settings.isDefault,
    refresh_interval_minutes: settings.refreshIntervalMinutes,
    auto_link_pattern: settings.autoLinkPattern,
  };
}
