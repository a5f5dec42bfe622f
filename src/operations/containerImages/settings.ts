import type { Principal } from '../../domain/access/principal';
import type { Issue } from '../../domain/errors';
import { isId } from '../../domain/ids';
import { type ImageSettings, uniqueRepository } from '../../domain/images/containerImage';
import { referenceIssues } from '../../domain/references';
import type { ContainerImageRow, ContainerImageValues } from '../../store/containerImages';
import type { Tx } from '../../store/database';
import { type EnvironmentConnection, findRegistry } from '../../store/registries';

/** A stored image as the domain sees it. */
export const settingsOf = (row: ContainerImageRow): ImageSettings => ({
  name: row.name,
  imageName: row.image_name,
  tagFilter: row.tag_filter,
  registryConnectionId: row.registry_connection_id,
  autoUpdate: row.auto_update,
});

/** Settings as the store takes them, with the normal form of the repository under these connections. */
export const valuesOf = (settings: ImageSettings, connections: readonly EnvironmentConnection[]): ContainerImageValues => ({
  name: settings.name,
  tag_filter: settings.tagFilter,
  registry_connection_id: settings.registryConnectionId,
  auto_update: settings.autoUpdate,
  repository: uniqueRepository(settings, connections),
});

/** What is wrong with the link of an image; empty when it names none, or one of its environment's connections. */
export async function connectionIssues(
  tx: Tx,
  principal: Principal,
  id: string | null,
  environmentId: string,
  connections: readonly EnvironmentConnection[],
): Promise<Issue[]> {
  if (id === null || connections.some((connection) => connection.id === id)) return [];
  const elsewhere = isId(id) ? await findRegistry(tx, id) : undefined;
  const reference = { field: 'registryConnectionId', noun: 'registry connection', id };
  return referenceIssues(reference, elsewhere, environmentId, principal);
}
