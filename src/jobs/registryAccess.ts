import { createHash } from 'node:crypto';
import { dockerHub, splitRepository } from '../domain/images/reference';
import { shownHost } from '../domain/registries/connectionFor';
import type { RegistryType } from '../domain/registries/registry';
import type { RegistryAccess } from '../integrations/oci/client';
import { RegistryFailure } from '../integrations/oci/failure';
import type { RegistryRow } from '../store/registries';
import { type Keyring, unseal } from '../store/sealing';

type ConnectionRow = Omit<RegistryRow, 'image_count'>;

/**
 * A stored connection with its secrets opened; not to be kept longer than one piece of work. Where a key is missing, it is
 * the connection that fails, with words that say so: the rest of the service has nothing to do with it.
 */
export function accessOf(row: ConnectionRow, keyring: Keyring): RegistryAccess {
  const open = (column: 'token' | 'password', sealed: string | null) =>
    sealed === null ? null : unseal(keyring, { table: 'registries', column, rowId: row.id }, sealed);
  const plain = {
    key: accessKey(row),
    name: row.name,
    type: row.type as RegistryType,
    registryUrl: row.registry_url,
    repositoryPrefix: row.repository_prefix,
    username: row.username,
  };
  try {
    return { ...plain, password: open('password', row.password_sealed), token: open('token', row.token_sealed) };
  } catch (error) {
    return { ...plain, password: null, token: null, unusable: unopened(plain, error) };
  }
}

function unopened({ name, type, registryUrl }: Pick<RegistryAccess, 'name' | 'type' | 'registryUrl'>, cause: unknown) {
  return new RegistryFailure(name, shownHost({ type, registryUrl }), {
    reason: 'unauthorized',
    message: `The stored credentials of "${name}" cannot be opened with the keys of this process.`,
    hint: 'Put the key that sealed them back into PORTOLAN_MASTER_KEYS, or set the credentials again.',
    cause,
  });
}

/**
 * Changes with whatever makes tokens of a connection worthless, on every replica at once: what is cached under the key
 * of before is never asked for again. A rename or another interval leaves it alone.
 */
export function accessKey(row: ConnectionRow): string {
  const { type, registry_url, repository_prefix, username, token_sealed, password_sealed } = row;
  return `${row.id}.${fingerprintOf([type, registry_url, repository_prefix, username, token_sealed, password_sealed])}`;
}

/** Stands for what access is made of, and tells nothing of it. */
export const fingerprintOf = (facts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);

/** How the repository of an image is read: through the connection in effect, or anonymously where there is none. */
export function accessToRepository(
  repository: string,
  row: ConnectionRow | null | undefined,
  keyring: Keyring,
): { access: RegistryAccess; path: string } {
  const { host, path } = splitRepository(repository);
  return { access: row ? accessOf(row, keyring) : anonymousAccess(host), path };
}

/** Access without credentials, for images that no connection serves. */
export const anonymousAccess = (host: string): RegistryAccess => ({
  key: `anonymous.${host}`,
  name: host,
  type: host === dockerHub ? 'dockerhub' : 'generic',
  registryUrl: host,
  repositoryPrefix: null,
  username: null,
  password: null,
  token: null,
});
