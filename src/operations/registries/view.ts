import type { components } from '../../../generated/contract';
import type { RegistryRow, RegistryServiceRow } from '../../store/registries';

type Registry = components['schemas']['Registry'];
type RegistryService = components['schemas']['RegistryService'];

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
    serviceDeployments: [],
  };
}
