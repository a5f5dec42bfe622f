import { createHash } from 'node:crypto';
import { dockerHub } from '../domain/images/reference';
import type { RegistryType } from '../domain/registries/registry';
import type { RegistryAccess } from '../integrations/oci/client';
import type { RegistryRow } from '../store/registries';
import { type Keyring, unseal } from '../store/sealing';

type ConnectionRow = Omit<RegistryRow, 'image_count'>;

/** A stored connection with its secrets opened; not to be kept longer than one piece of work. */
export function accessOf(row: ConnectionRow, keyring: Keyring): RegistryAccess {
  const open = (column: 'token' | 'password', sealed: string | null) =>
    sealed === null ? null : unseal(keyring, { table: 'registries', column, rowId: row.id }, sealed);
  return {
    key: accessKey(row),
    name: row.name,
    type: row.type as RegistryType,
    registryUrl: row.registry_url,
    repositoryPrefix: row.repository_prefix,
    username: row.username,
    password: open('password', row.password_sealed),
    token: open('token', row.token_sealed),
  };
}

/**
 * Changes with whatever makes tokens of a connection worthless, on every replica at once: what is cached under the key
 * of before is never asked for again. A rename or another interval leaves it alone.
 */
export function accessKey(row: ConnectionRow): string {
  const facts = [row.type, row.registry_url, row.repository_prefix, row.username, row.token_sealed, row.password_sealed];
  const fingerprint = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
  return `${row.id}.${fingerprint}`;
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
