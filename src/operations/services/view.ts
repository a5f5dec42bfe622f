import type { components } from '../../../generated/contract';
import { parseReference } from '../../domain/images/reference';
import { serviceWarnings } from '../../domain/services/service';
import type { EnvironmentConnection } from '../../store/registries';
import type { ServiceRow, TypeFacts } from '../../store/services';
import { toImageOfService } from '../containerImages/view';
import { toServiceType } from '../serviceTypes/view';

type Schemas = components['schemas'];

/** What clients see of a service. It has no placements yet, so whatever they tell is empty. */
export function toService(row: ServiceRow, connections: readonly EnvironmentConnection[]): Schemas['Service'] {
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
    serviceDeployments: [],
    summary: { placements: 0, running: 0, healthy: 0, unhealthy: 0, missing: 0 },
    ...ofOldestPlacement,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

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

const ofOldestPlacement = {
  containerName: null,
  composePath: null,
  status: null,
  containerStatus: null,
  healthStatus: null,
  exposedPorts: null,
  discoveryStatus: null,
  lastCheckedAt: null,
  lastDiscoveredAt: null,
  serverId: null,
  server: null,
};

/** A type without the number of services that have it: that would count them all for each service shown. */
function toTypeOfService(type: TypeFacts): Schemas['ServiceTypeOfService'] {
  const { _count, ...shown } = toServiceType({ ...type, shipped_definition: null, service_count: 0 });
  return shown;
}
