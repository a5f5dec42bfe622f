import type { components } from '../../../generated/contract';
import { connectionFor, linkReason, mismatchMessage } from '../../domain/registries/connectionFor';
import type { ContainerImageRow, ImageFacts } from '../../store/containerImages';
import type { DeploymentRow, ImageDigestRow } from '../../store/imageDigests';
import type { LinkableServiceRow } from '../../store/linkableServices';
import type { EnvironmentConnection } from '../../store/registries';

type Schemas = components['schemas'];

/** What clients see of an image: the same in lists, alone, and inside a service, where its services are left out. */
export function toImageOfService(
  row: ImageFacts,
  connections: readonly EnvironmentConnection[],
): Schemas['ContainerImageOfService'] {
  const linkable = { imageName: row.image_name, registryConnectionId: row.registry_connection_id };
  const choice = connectionFor(linkable, connections);
  return {
    id: row.id,
    environmentId: row.environment_id,
    name: row.name,
    imageName: row.image_name,
    tagFilter: row.tag_filter,
    registryConnectionId: row.registry_connection_id,
    autoUpdate: row.auto_update,
    repository: choice.repository,
    registryConnection: choice.connection && toConnectionInEffect(choice.connection),
    registryLink: choice.link,
    registryLinkReason: linkReason(choice),
    currentTag: row.current_tag,
    latestTag: row.latest_tag,
    updateAvailable: row.update_available,
    deployedDigestId: row.deployed_digest_id,
    lastCheckedAt: row.last_checked_at,
    lastCheckError: choice.mismatch
      ? hostMismatch(row, choice.connection)
      : (row.last_check_error as Schemas['CheckError'] | null),
    latestDigest: toLatestDigest(row),
    lastDeployedAt: row.last_deployed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** What clients see of an image, with the services that use it. */
export function toContainerImage(
  row: ContainerImageRow,
  connections: readonly EnvironmentConnection[],
): Schemas['ContainerImage'] {
  return { ...toImageOfService(row, connections), services: row.services, serviceCount: row.service_count };
}

const toConnectionInEffect = (connection: EnvironmentConnection): Schemas['ConnectionInEffect'] => ({
  id: connection.id,
  name: connection.name,
  type: connection.type,
  registryUrl: connection.registryUrl,
  repositoryPrefix: connection.repositoryPrefix,
  username: connection.username,
  isDefault: connection.isDefault,
});

/** Such an image is not read, so this is why it is not, whatever was found before. */
const hostMismatch = (row: ImageFacts, connection: EnvironmentConnection | null): Schemas['CheckError'] => ({
  reason: 'host_mismatch',
  message: mismatchMessage(connection),
  at: row.updated_at,
});

function toLatestDigest(row: ImageFacts): Schemas['LatestDigest'] | null {
  if (row.latest_digest_id === null) return null;
  return {
    id: row.latest_digest_id,
    manifestDigest: row.latest_manifest_digest as string,
    tags: row.latest_digest_tags as string[],
    bestTag: row.latest_best_tag,
    pushedAt: row.latest_pushed_at,
    discoveredAt: row.latest_discovered_at as string,
  };
}

/** What clients see of a digest. */
export function toImageDigest(row: ImageDigestRow): Schemas['ImageDigest'] {
  return {
    id: row.id,
    containerImageId: row.container_image_id,
    manifestDigest: row.manifest_digest,
    configDigest: row.config_digest,
    mediaType: row.media_type,
    tags: row.tags,
    bestTag: row.best_tag,
    platforms: row.platforms,
    size: row.size_bytes,
    pushedAt: row.pushed_at,
    createdAt: row.built_at,
    discoveredAt: row.discovered_at,
    updatedAt: row.updated_at,
    eligible: row.eligible,
    rank: row.rank,
  };
}

/** What clients see of a placement that runs a digest. */
export const toDeploymentOfDigest = ({ id, server, service }: DeploymentRow): Schemas['DeploymentOfDigest'] => ({
  id,
  server: { id: server.id, name: server.name },
  service: { id: service.id, name: service.name },
});

/** What clients see of a service that an image could be linked to. */
export function toLinkableService(row: LinkableServiceRow): Schemas['LinkableService'] {
  const { container_image_id: id, container_image_name: name, container_image_image_name: imageName } = row;
  const linked = id !== null && name !== null && imageName !== null;
  return { id: row.id, name: row.name, imageTag: row.image_tag, containerImage: linked ? { id, name, imageName } : null };
}
