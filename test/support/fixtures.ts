import { uuidv7 } from 'uuidv7';
import { hashApiToken, newApiToken, prefixOf } from '../../src/auth/apiTokens';
import type { Portolan } from './portolan';

let counter = 0;
/** A text that no other fixture has. */
export const unique = (prefix: string): string => `${prefix}-${++counter}-${uuidv7().slice(-6)}`;

/** An environment; gives its id. */
export async function environment(portolan: Portolan, name = unique('env')): Promise<string> {
  const id = uuidv7();
  await portolan.sql('insert into environments (id, name) values ($1, $2)', [id, name]);
  return id;
}

export interface TokenWishes {
  role?: 'admin' | 'operator' | 'viewer';
  /** null = every scope of the role. */
  scopes?: string[] | null;
  /** Absent = all environments. */
  environments?: string[];
  expiresAt?: string;
}

/** A user with an API token as wished; gives the token and both ids. */
export async function token(portolan: Portolan, wishes: TokenWishes = {}) {
  const { role = 'admin', scopes = null, environments, expiresAt = '2999-01-01T00:00:00.000Z' } = wishes;
  const [userId, tokenId, text] = [uuidv7(), uuidv7(), newApiToken()];
  await portolan.sql('insert into users (id, email, password_hash, role) values ($1, $2, $3, $4)', [
    userId,
    `${unique('user')}@example.com`,
    'no password',
    role,
  ]);
  await portolan.sql(
    `insert into api_tokens (id, name, token_hash, token_prefix, user_id, role, scopes, all_environments, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [tokenId, 'fixture', hashApiToken(text), prefixOf(text), userId, role, scopes, environments === undefined, expiresAt],
  );
  for (const id of environments ?? []) {
    await portolan.sql('insert into api_token_environments (token_id, environment_id) values ($1, $2)', [tokenId, id]);
  }
  return { token: text, userId, tokenId };
}
