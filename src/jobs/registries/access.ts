import { createHash } from 'node:crypto';
import { dockerHub } from '../../domain/images/reference';
import type { RegistryType } from '../../domain/registries/registry';
import type { RegistryAccess } from '../../integrations/oci/access';
import { type Keyring, unseal } from '../../store/sealing';

/** The columns of a connection that an access is made of. */
export interface AccessColumns {
  id: string;
  name: string;
  type: string;
  registry_url: string;
  repository_prefix: string | null;
  username: string | null;
  token_sealed: string | null;
  password_sealed: string | null;
}

/**
 * Key of the access to a connection: changes with its credentials, URL, type and prefix, and with nothing else. Sealed
 * records are different each time that a secret is set, so the secrets themselves stay out of it.
 */
export function accessKey(row: AccessColumns): string {
  const parts = [row.type, row.registry_url, row.repository_prefix, row.username, row.token_sealed, row.password_sealed];
  return `${row.id}.${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)}`;
}

/** A connection with its secrets opened, as the client takes it. */
export function accessOf(row: AccessColumns, keyring: Keyring): RegistryAccess {
  // Sealed for the column by its public name.
  const open = (column: 'token' | 'password') => {
    const record = row[`${column}_sealed`];
    return record === null ? null : unseal(keyring, { table: 'registries', column, rowId: row.id }, record);
  };
  return {
    key: accessKey(row),
    name: row.name,
    type: row.type as RegistryType,
    registryUrl: row.registry_url,
    repositoryPrefix: row.repository_prefix,
    username: row.username,
    password: open('password'),
    token: open('token'),
  };
}

/** Access without a connection, at the host of an image. */
export function anonymousAccess(host: string): RegistryAccess {
  return {
    key: `anonymous.${host}`,
    name: host,
    type: host === dockerHub ? 'dockerhub' : 'generic',
    registryUrl: host,
    repositoryPrefix: null,
    username: null,
    password: null,
    token: null,
  };
}
