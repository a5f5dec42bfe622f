import { uuidv7 } from 'uuidv7';
import { unknownUserHash, verifyPassword } from '../../auth/passwords';
import type { Role } from '../../domain/access/scopes';
import { Problem } from '../../domain/errors';
import { recordAudit } from '../../store/audit';
import { insertLogin } from '../../store/credentials';
import type { Database } from '../../store/database';
import { findUserByEmail, holdUser, type UserRow } from '../../store/users';
import { json, type PublicHandler } from '../handler';

export interface LoginNeeds {
  database: Database;
  loginTtlSeconds: number;
  signLogin(login: { id: string; userId: string; issuedAt: Date; expiresAt: Date }): Promise<string>;
  /** Counts the attempt; throws 429 when too many failed. */
  countLogin(address: string, account: string): Promise<{ succeeded(): Promise<void> }>;
}

export const login: PublicHandler<'login', LoginNeeds> = async (request, context) => {
  const { email, password } = request.body();
  const attempt = await context.countLogin(context.clientAddress, email);
  const user = await findUserByEmail(context.database.db, email);
  // The same work for everybody: whether an address exists does not show in the time.
  const matches = await verifyPassword(user?.password_hash ?? unknownUserHash, password);
  const issuedAt = context.now();
  const opening = { id: uuidv7(), issuedAt, expiresAt: new Date(issuedAt.getTime() + context.loginTtlSeconds * 1000) };
  const owner = user && matches && !user.disabled ? await openLogin(context, opening, user) : undefined;
  if (!owner) {
    await recordFailure(context, user);
    throw new Problem('unauthorized', {
      message: 'E-mail or password is wrong.',
      hint: 'After some failures further attempts are refused for a while.',
    });
  }
  await attempt.succeeded();
  return json({
    token: await context.signLogin({ ...opening, userId: owner.id }),
    expiresAt: opening.expiresAt.toISOString(),
    user: { id: owner.id, email: owner.email, name: owner.name, role: owner.role as Role },
  });
};

type Context = LoginNeeds & { requestId: string };

/**
 * Opens the login unless the user was disabled, deleted or given another password while this one was verified: whoever
 * changes one of these ends the logins they find, and this one would be missed.
 */
async function openLogin(context: Context, { id, expiresAt }: { id: string; expiresAt: Date }, verified: UserRow) {
  return context.database.transact(async (tx) => {
    const user = await holdUser(tx, verified.id);
    if (!user || user.disabled || user.password_hash !== verified.password_hash) return undefined;
    await insertLogin(tx, id, user.id, expiresAt.toISOString());
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
    await recordAudit(tx, { operationId: 'login', requestId: context.requestId, principal }, { ...entryOf(user), action: 'login' });
    return user;
  });
}

const entryOf = (user: UserRow | undefined) => ({
  resourceType: 'login',
  resourceId: user?.id ?? null,
  resourceName: user?.email ?? null,
});

/** The tried address is not kept when nobody has it: people type passwords into that field. */
async function recordFailure({ database, requestId }: Context, user: UserRow | undefined): Promise<void> {
  await database.transact((tx) =>
    recordAudit(
      tx,
      { operationId: 'login', requestId, principal: null },
      {
        ...entryOf(user),
        action: 'login_failed',
        success: false,
        error: user?.disabled ? 'disabled' : user ? 'wrong password' : 'unknown address',
      },
    ),
  );
}
