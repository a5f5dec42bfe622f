import { stateForbids } from '../../domain/errors';
import { connectionFor, mismatchMessage } from '../../domain/registries/connectionFor';
import type { RegistryAccess } from '../../integrations/oci/client';
import { accessToRepository } from '../../jobs/registryAccess';
import type { ImageFacts } from '../../store/containerImages';
import type { Db } from '../../store/database';
import { type EnvironmentConnection, findRegistry } from '../../store/registries';
import type { Keyring } from '../../store/sealing';

/** How an image is read: through the connection in effect, or anonymously, and under which path. */
export async function accessOfImage(
  db: Db,
  keyring: Keyring,
  image: ImageFacts,
  connections: readonly EnvironmentConnection[],
): Promise<{ access: RegistryAccess; path: string }> {
  const linkable = { imageName: image.image_name, registryConnectionId: image.registry_connection_id };
  const choice = connectionFor(linkable, connections);
  if (choice.mismatch) {
    const hint = 'Link the image to a connection for its host, or to none.';
    throw stateForbids(mismatchMessage(choice.connection), { reason: choice.mismatch }, hint);
  }
  const row = choice.connection && (await findRegistry(db, choice.connection.id));
  return accessToRepository(choice.repository, row, keyring);
}
