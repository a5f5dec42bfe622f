import type { components } from '../../../generated/contract';
import { parseReference } from '../../domain/images/reference';
import { summaryOf } from '../../domain/services/placement';
import { serviceWarnings } from '../../domain/services/service';
import type { EnvironmentConnection } from '../../store/registries';
import type { PlacedServiceRow } from '../../store/serverServices';
import type { ServiceRow, TypeFacts } from '../../store/services';
import { toImageOfService } from '../containerImages/view';
import { toServiceDeployment } from '../serviceDeployments/view';
import { toServiceType } from '../serviceTypes/view';

type Schemas = components['schemas'];

/** What clients see of a service. The members that tell of one placement tell of the oldest one, or of the one given. */
export function toService(
  row: ServiceRow,
  connections: readonly EnvironmentConnection[],
  placementId?: string,
): Schemas['Service'] {
  const serviceDeployments = row.placements.map(toServiceDeployment);
  const told = placementId ? serviceDeployments.find(({ id }) => id === placementId) : serviceDeployments[0];
  return {
    id: row.id,
    environmentId: row.environment_id,
    name: row.name,
    containerImageId: row.container_image_id,
    imageTag: row.image_tag,
    composeTemplate: row.compose_template,
    healthCheckUrl: row.health_check_url,
    baseEnv: row.base_env as Record<string, string>,
    deployStrategy: row.deploy_strategy as Schemas['DeployStrategy'],
    serviceTypeId: row.service_type_id,
    healthWaitMs: row.health_wait_ms,
    healthRetries: row.health_retries,
    healthIntervalMs: row.health_interval_ms,
    currentDropletId: row.current_droplet_id,
    currentDroplet: toCurrentDroplet(row),
    desiredState: row.desired_state as Schemas['Service']['desiredState'],
    drifted: row.drifted,
    updateAvailable: row.update_available,
    warnings: serviceWarnings({ imageTag: row.image_tag }),
    containerImage: row.image && toImageOfService(row.image, connections),
    serviceType: row.type && toTypeOfService(row.type),
    serviceDeployments,
    summary: summaryOf(serviceDeployments),
    containerName: told?.containerName ?? null,
    composePath: told?.composePath ?? null,
    status: told?.status ?? null,
    containerStatus: told?.containerStatus ?? null,
    healthStatus: told?.healthStatus ?? null,
    exposedPorts: told?.exposedPorts ?? null,
    discoveryStatus: told?.discoveryStatus ?? null,
    lastCheckedAt: told?.lastCheckedAt ?? null,
    lastDiscoveredAt: told?.lastDiscoveredAt ?? null,
    serverId: told?.serverId ?? null,
    server: told?.server ?? null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** What clients see of a service on a server. */
export const toServiceOnServer = (
  row: PlacedServiceRow,
  connections: readonly EnvironmentConnection[],
): Schemas['ServiceOnServer'] => ({
  ...toService(row, connections, row.placement_id),
  deploymentId: row.placement_id,
});

/** The tag of the droplet's own text goes before one that its digest has by now. */
function toCurrentDroplet(row: ServiceRow): Schemas['CurrentDroplet'] | null {
  if (row.current_droplet_id === null || row.pinned_image === null) return null;
  const parsed = parseReference(row.pinned_image);
  const tag = 'value' in parsed ? parsed.value.tag : undefined;
  return {
    id: row.current_droplet_id,
    image: row.pinned_image,
    manifestDigest: row.pinned_digest,
    tag: tag ?? row.pinned_tag,
    setAt: row.current_droplet_set_at ?? row.created_at,
    setBy: row.current_droplet_set_by ?? 'Portolan',
  };
}

/** A type without the number of services that have it: that would count them all for each service shown. */
function toTypeOfService(type: TypeFacts): Schemas['ServiceTypeOfService'] {
  const { _count, ...shown } = toServiceType({ ...type, shipped_definition: null, service_count: 0 });
  return shown;
}
