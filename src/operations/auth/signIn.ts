import { uuidv7 } from 'uuidv7';
import type { OperationId } from '../../../generated/operations';
import { unknownUserHash, verifyPassword } from '../../auth/passwords';
import type { Role } from '../../domain/access/scopes';
import { recordAudit } from '../../store/audit';
import { insertLogin } from '../../store/credentials';
import type { Database, Tx } from '../../store/database';
import { findUserByEmail, holdUser, type UserRow } from '../../store/users';

export interface SignInNeeds {
  database: Database;
  /** Counts the attempt; throws 429 when too many failed. */
  countLogin(address: string, account: string): Promise<{ succeeded(): Promise<void> }>;
}

interface Context extends SignInNeeds {
  readonly requestId: string;
  readonly clientAddress: string;
  now(): Date;
}

interface Attempt {
  operationId: OperationId;
  email: string;
  password: string;
  ttlSeconds: number;
  /** What else is written when the login is opened. */
  inside?(tx: Tx, loginId: string): Promise<unknown>;
}

/** A login that was opened: until when, and whose it is. */
export interface SignedIn {
  opening: { id: string; issuedAt: Date; expiresAt: Date };
  user: UserRow;
}

/** Opens a login by e-mail and password; undefined when they are not those of a user who may sign in. Either is recorded. */
export async function signIn(context: Context, attempt: Attempt): Promise<SignedIn | undefined> {
  const count = await context.countLogin(context.clientAddress, attempt.email);
  const found = await findUserByEmail(context.database.db, attempt.email);
  // The same work for everybody: whether an address exists does not show in the time.
  const matches = await verifyPassword(found?.password_hash ?? unknownUserHash, attempt.password);
  const issuedAt = context.now();
  const opening = { id: uuidv7(), issuedAt, expiresAt: new Date(issuedAt.getTime() + attempt.ttlSeconds * 1000) };
  const user = found && matches && !found.disabled ? await openLogin(context, attempt, opening, found) : undefined;
  if (!user) {
    await recordFailure(context, attempt, found);
    return undefined;
  }
  await count.succeeded();
  return { opening, user };
}

/**
 * Opens the login unless the user was disabled, deleted or given another password while this one was verified: whoever
 * changes one of these ends the logins they find, and this one would be missed.
 */
async function openLogin(
  { database, requestId }: Context,
  { operationId, inside }: Attempt,
  { id, expiresAt }: SignedIn['opening'],
  verified: UserRow,
) {
  return database.transact(async (tx) => {
    const user = await holdUser(tx, verified.id);
    if (!user || user.disabled || user.password_hash !== verified.password_hash) return undefined;
    await insertLogin(tx, id, user.id, expiresAt.toISOString());
    await inside?.(tx, id);
    const principal = {
      kind: 'user',
      id: user.id,
      email: user.email,
      name: user.name,
      role: user.role as Role,
      scopes: null,
      environmentIds: null,
      credential: { kind: 'login', id },
    } as const;
    await recordAudit(tx, { operationId, requestId, principal }, { ...entryOf(user), action: 'login' });
    return user;
  });
}

const entryOf = (user: UserRow | undefined) => ({
  resourceType: 'login',
  resourceId: user?.id ?? null,
  resourceName: user?.email ?? null,
});

/** The tried address is not kept when nobody has it: people type passwords into that field. */
async function recordFailure(
  { database, requestId }: Context,
  { operationId }: Attempt,
  user: UserRow | undefined,
): Promise<void> {
  await database.transact((tx) =>
    recordAudit(
      tx,
      { operationId, requestId, principal: null },
      {
        ...entryOf(user),
        action: 'login_failed',
        success: false,
        error: user?.disabled ? 'disabled' : user ? 'wrong password' : 'unknown address',
      },
    ),
  );
}
