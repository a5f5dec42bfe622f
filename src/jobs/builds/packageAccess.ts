import { splitRepository } from '../../domain/images/reference';
import { parseRegistryUrl } from '../../domain/registries/registryUrl';
import type { RegistryAccess } from '../../integrations/oci/access';
import { anonymousAccess, fingerprintOf } from '../registryAccess';

/** Credentials that come with an image instead of with a connection. */
export interface InlineCredentials {
  username: string;
  password: string;
}

/**
 * Access with credentials of an image's own. Where a connection is for the same host, its URL says how that is reached;
 * nothing else of it is used.
 */
export function inlineAccess(
  repository: string,
  { username, password }: InlineCredentials,
  connection: { registry_url: string } | null | undefined,
): RegistryAccess {
  const { host } = splitRepository(repository);
  const url = connection ? parseRegistryUrl(connection.registry_url) : undefined;
  const registryUrl = url && 'value' in url && url.value.host === host ? url.value.normalised : host;
  const key = `inline.${fingerprintOf([registryUrl, username, password])}`;
  return { ...anonymousAccess(host), key, registryUrl, username, password };
}
