import type { components } from '../../../generated/contract';
import type { LinkableConnection } from '../../domain/registries/connectionFor';
import type { RegistryType } from '../../domain/registries/registry';
import type { ConnectionCheck, ListedTag } from '../../integrations/oci/client';
import type { RegistryRow, RegistryServiceRow } from '../../store/registries';

type Schemas = components['schemas'];
type Registry = Schemas['Registry'];
type RegistryService = Schemas['RegistryService'];

/** What clients see of a connection. Credentials only show as present. */
export function toRegistry(row: RegistryRow): Registry {
  return {
    id: row.id,
    environmentId: row.environment_id,
    name: row.name,
    type: row.type as Registry['type'],
    registryUrl: row.registry_url,
    repositoryPrefix: row.repository_prefix,
    username: row.username,
    hasToken: row.token_sealed !== null,
    hasPassword: row.password_sealed !== null,
    isDefault: row.is_default,
    refreshIntervalMinutes: row.refresh_interval_minutes,
    autoLinkPattern: row.auto_link_pattern,
    lastRefreshAt: row.last_refresh_at,
    lastRefreshStatus: row.last_refresh_status as Registry['lastRefreshStatus'],
    lastRefreshError: row.last_refresh_error as Registry['lastRefreshError'],
    imageCount: row.image_count,
    _count: { containerImages: row.image_count },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** What clients see of a service in the list of a connection. */
export function toRegistryService(row: RegistryServiceRow): RegistryService {
  return {
    id: row.id,
    name: row.name,
    imageTag: row.image_tag,
    containerImage: {
      id: row.image_id,
      name: row.image_display_name,
      imageName: row.image_name,
      tagFilter: row.tag_filter,
      autoUpdate: row.auto_update,
      updateAvailable: row.image_update_available,
      lastCheckedAt: row.last_checked_at,
    },
    serviceDeployments: row.deployments.map(({ id, server }) => ({ id, server: { id: server.id, name: server.name } })),
  };
}

/** A stored connection, as far as it matters to the names of images. */
export const toConnection = (row: RegistryRow): LinkableConnection => ({
  id: row.id,
  name: row.name,
  type: row.type as RegistryType,
  registryUrl: row.registry_url,
  repositoryPrefix: row.repository_prefix,
  isDefault: row.is_default,
  autoLinkPattern: row.auto_link_pattern,
});

/** What clients see of one step of a test. */
export const toConnectionCheck = ({
  name,
  ok,
  skipped = false,
  message,
  durationMs,
}: ConnectionCheck): Schemas['ConnectionCheck'] => ({
  name,
  ok,
  skipped,
  message,
  durationMs: Math.round(durationMs),
});

/** What clients see of a tag at its registry. */
export const toRepositoryTag = ({ tag, digest, sizeBytes, updatedAt }: ListedTag): Schemas['RepositoryTag'] => ({
  tag,
  digest,
  size: sizeBytes,
  updatedAt,
});
