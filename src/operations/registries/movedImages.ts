import { dockerHub } from '../../domain/images/reference';
import { connectionHost } from '../../domain/registries/connectionFor';
import type { RegistrySettings } from '../../domain/registries/registry';

type Choosing = Pick<RegistrySettings, 'type' | 'registryUrl' | 'isDefault'>;

/**
 * Hosts of the images that a connection served before a change or serves now. They become due, whether or not the choice
 * changes for each: the schedule reads those that no connection serves, and leaves the others to theirs.
 */
export const movedHosts = (...connections: readonly Choosing[]): string[] => [...new Set(connections.flatMap(hostsOf))];

/** Names without a host are stored under Docker Hub's, and may be served by a default connection. */
function hostsOf(connection: Choosing): string[] {
  const host = connectionHost(connection);
  const own = host === undefined ? [] : [host, `${host}:80`, `${host}:443`];
  return connection.isDefault ? [...own, dockerHub] : own;
}
