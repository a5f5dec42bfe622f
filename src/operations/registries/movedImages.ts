import { dockerHub } from '../../domain/images/reference';
import { connectionHost } from '../../domain/registries/connectionFor';
import type { RegistrySettings } from '../../domain/registries/registry';
import type { Tx } from '../../store/database';
import { planChecksUnder } from '../../store/refreshPlans';

type Choosing = Pick<RegistrySettings, 'type' | 'registryUrl' | 'isDefault'>;

/**
 * Makes the images due that a connection served before a change or serves now, whether or not the choice changes for each:
 * the schedule reads those that no connection serves, and leaves the others to theirs.
 */
export function planMovedImages(tx: Tx, environmentId: string, connections: readonly Choosing[]): void {
  planChecksUnder(tx, environmentId, [...new Set(connections.flatMap(hostsOf))]);
}

/** Names without a host are stored under Docker Hub's, and may be served by a default connection. */
function hostsOf(connection: Choosing): string[] {
  const host = connectionHost(connection);
  const own = host === undefined ? [] : [host, `${host}:80`, `${host}:443`];
  return connection.isDefault ? [...own, dockerHub] : own;
}
