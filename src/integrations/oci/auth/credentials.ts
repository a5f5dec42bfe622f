import type { RegistryAccess } from '../access';
import type { Dialect } from '../protocol/endpoint';

/** What a connection shows to its registry. */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; password: string }
  /** A token that somebody else issued, sent as it is. */
  | { kind: 'bearer'; token: string };

/** Username with password, else with the token as password; a token alone is a bearer; DigitalOcean's stands for both. */
export function credentialsOf(access: RegistryAccess, dialect: Dialect): Credentials {
  const { username, password, token } = access;
  const secret = password || token;
  if (!secret) return { kind: 'none' };
  if (access.type === 'digitalocean' && (dialect === 'digitalocean' || !username)) {
    return { kind: 'basic', username: token || secret, password: token || secret };
  }
  return username ? { kind: 'basic', username, password: secret } : { kind: 'bearer', token: secret };
}

/** The header of Basic authentication (RFC 7617, UTF-8). */
export const basicHeader = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
