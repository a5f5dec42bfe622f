import { createHash } from 'node:crypto';
import { splitRepository } from '../../domain/images/reference';
import { parseRegistryUrl } from '../../domain/registries/registryUrl';
import type { RegistryAccess } from '../../integrations/oci/access';
import { anonymousAccess } from '../registryAccess';

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
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([registryUrl, username, password]))
    .digest('hex')
    .slice(0, 16);
  return { ...anonymousAccess(host), key: `inline.${fingerprint}`, registryUrl, username, password };
}
