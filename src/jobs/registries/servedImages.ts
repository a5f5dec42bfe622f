import { setImmediate as turn } from 'node:timers/promises';
import { connectionFor, hostsOfImages } from '../../domain/registries/connectionFor';
import type { RegistryType } from '../../domain/registries/registry';
import type { Db } from '../../store/database';
import { connectionsOfEnvironment, type RegistryRow } from '../../store/registries';
import { type ServableImage, servableImages } from '../../store/registryRefreshes';

const page = 500;
const firstId = '00000000-0000-0000-0000-000000000000';

/** All images that a connection is in effect for. The database narrows by host and link, the domain decides. */
export async function servedImages(db: Db, registry: RegistryRow): Promise<ServableImage[]> {
  const connections = (await connectionsOfEnvironment(db, registry.environment_id)) ?? [];
  const { type, registry_url: registryUrl, is_default: isDefault } = registry;
  const hosts = hostsOfImages({ type: type as RegistryType, registryUrl, isDefault });
  const served: ServableImage[] = [];
  for (let afterId = firstId; ; ) {
    const { id: registryId, environment_id: environmentId } = registry;
    const images = await servableImages(db, { registryId, environmentId, hosts, afterId, most: page });
    served.push(...images.filter((image) => connectionFor(image, connections).connection?.id === registryId));
    const last = images[page - 1];
    if (!last) return served;
    afterId = last.id;
    // Thousands of images must not keep answers of the API waiting.
    await turn();
  }
}
