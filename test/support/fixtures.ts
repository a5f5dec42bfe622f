import { uuidv7 } from 'uuidv7';
import { hashApiToken, newApiToken, prefixOf } from '../../src/auth/apiTokens';
import { hashPassword } from '../../src/auth/passwords';
import { adminPassword } from './config';
import type { Portolan } from './portolan';

let counter = 0;
/** A text that no other fixture has. */
export const unique = (prefix: string): string => `${prefix}-${++counter}-${uuidv7().slice(-6)}`;

let passwordHash: Promise<string> | undefined;
/** The hash that all users of fixtures share: of the administrator's password, which the contract's examples use too. */
export function fixturePasswordHash(): Promise<string> {
  passwordHash ??= hashPassword(adminPassword);
  return passwordHash;
}

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
  name?: string;
  /** Absent = a new user of that role owns it. */
  ownerUserId?: string;
  ownerServiceAccountId?: string;
}

/** A user with an API token as wished, or one for the given owner; gives the token and both ids. */
export async function token(portolan: Portolan, wishes: TokenWishes = {}) {
  const { role = 'admin', scopes = null, environments, expiresAt = '2999-01-01T00:00:00.000Z', name = 'fixture' } = wishes;
  const [tokenId, text] = [uuidv7(), newApiToken()];
  const serviceAccountId = wishes.ownerServiceAccountId ?? null;
  const userId = serviceAccountId ? '' : (wishes.ownerUserId ?? uuidv7());
  if (!serviceAccountId && !wishes.ownerUserId) {
    await portolan.sql('insert into users (id, email, password_hash, role) values ($1, $2, $3, $4)', [
      userId,
      `${unique('user')}@example.com`,
      await fixturePasswordHash(),
      role,
    ]);
  }
  await portolan.sql(
    `insert into api_tokens
       (id, name, token_hash, token_prefix, user_id, service_account_id, role, scopes, all_environments, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tokenId,
      name,
      hashApiToken(text),
      prefixOf(text),
      userId || null,
      serviceAccountId,
      role,
      scopes,
      environments === undefined,
      expiresAt,
    ],
  );
  for (const id of environments ?? []) {
    await portolan.sql('insert into api_token_environments (token_id, environment_id) values ($1, $2)', [tokenId, id]);
  }
  return { token: text, userId, tokenId };
}

export const userPassword = 'staple battery horse';
let userPasswordHash: Promise<string> | undefined;

export interface UserWishes {
  role?: 'admin' | 'operator' | 'viewer';
  name?: string | null;
  email?: string;
  disabled?: boolean;
}

/** A user who can sign in with `userPassword`; gives id and address. */
export async function user(portolan: Portolan, wishes: UserWishes = {}): Promise<{ id: string; email: string }> {
  const { role = 'viewer', name = null, email = `${unique('person')}@example.com`, disabled = false } = wishes;
  userPasswordHash ??= hashPassword(userPassword);
  const id = uuidv7();
  await portolan.sql('insert into users (id, email, password_hash, name, role, disabled) values ($1, $2, $3, $4, $5, $6)', [
    id,
    email,
    await userPasswordHash,
    name,
    role,
    disabled,
  ]);
  return { id, email };
}

/** A login of a user made by `user`; gives its token. */
export async function loginOf(portolan: Portolan, { email }: { email: string }, password = userPassword): Promise<string> {
  const answer = await portolan.call('login', { body: { email, password } });
  if (answer.status !== 200) throw new Error(`login of ${email}: ${answer.text}`);
  return answer.body.token;
}

/** A service account; gives id and name. */
export async function serviceAccount(
  portolan: Portolan,
  { role = 'operator', name = unique('account'), disabled = false } = {},
): Promise<{ id: string; name: string }> {
  const id = uuidv7();
  await portolan.sql('insert into service_accounts (id, name, role, disabled) values ($1, $2, $3, $4)', [
    id,
    name,
    role,
    disabled,
  ]);
  return { id, name };
}
