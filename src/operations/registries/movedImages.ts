import { dockerHub } from '../../domain/images/reference';
import { connectionFor, connectionHost } from '../../domain/registries/connectionFor';
import type { Tx } from '../../store/database';
import { planChecks, unlinkedImages } from '../../store/refreshPlans';
import type { EnvironmentConnection } from '../../store/registries';

type Connections = readonly EnvironmentConnection[];

/**
 * Makes those images due whose connection in effect is another one after a change: what was read through the one of
 * before is no longer read there, and the one of now may have passed already.
 */
export async function planMovedImages(tx: Tx, environmentId: string, before: Connections, after: Connections): Promise<void> {
  const images = await unlinkedImages(tx, environmentId, [...new Set([...hostsOf(before), ...hostsOf(after)])]);
  const moved = images.filter((image) => {
    const [from, to] = [connectionFor(image, before).connection, connectionFor(image, after).connection];
    return from?.id !== to?.id;
  });
  await planChecks(
    tx,
    moved.map(({ id }) => id),
  );
}

/** Names without a host are stored under Docker Hub's, and may be served by a default connection. */
function hostsOf(connections: Connections): string[] {
  const hosts = connections.flatMap((connection) => {
    const host = connectionHost(connection);
    return host === undefined ? [] : [host, `${host}:80`, `${host}:443`];
  });
  return [...hosts, dockerHub];
}
