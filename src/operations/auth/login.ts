import { uuidv7 } from 'uuidv7';
import { unknownUserHash, verifyPassword } from '../../auth/passwords';
import { Problem } from '../../domain/errors';
import { recordAudit } from '../../store/audit';
import { insertLogin } from '../../store/credentials';
import type { Database } from '../../store/database';
import { findUserByEmail, type UserRow } from '../../store/users';
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
  const matches = await verifyPassword(user?.password_hash ?? (await unknownUserHash()), password);
  if (!user || !matches || user.disabled) {
    await recordFailure(context, user);
    throw new Problem('unauthorized', {
      message: 'E-mail or password is wrong.',
      hint: 'After some failures further attempts are refused for a while.',
    });
  }
  await attempt.succeeded();
  const issuedAt = context.now();
  const expiresAt = new Date(issuedAt.getTime() + context.loginTtlSeconds * 1000);
  const id = uuidv7();
  await context.database.transact(async (tx) => {
    await insertLogin(tx, id, user.id, expiresAt.toISOString());
    const { email: address, name } = user;
    const principal = { kind: 'user' as const, id: user.id, email: address, name, credential: { kind: 'login' as const, id } };
    await recordAudit(tx, { ...source(context.requestId), principal }, { ...entryOf(user), action: 'login' });
  });
  return json({
    token: await context.signLogin({ id, userId: user.id, issuedAt, expiresAt }),
    expiresAt: expiresAt.toISOString(),
    user: { id: user.id, email: user.email, name: user.name, role: user.role as 'admin' | 'operator' | 'viewer' },
  });
};

const source = (requestId: string) => ({ operationId: 'login', requestId, principal: null });

const entryOf = (user: UserRow | undefined) => ({
  resourceType: 'login',
  resourceId: user?.id ?? null,
  resourceName: user?.email ?? null,
});

/** The tried address is not kept when nobody has it: people type passwords into that field. */
async function recordFailure(context: LoginNeeds & { requestId: string }, user: UserRow | undefined): Promise<void> {
  await context.database.transact((tx) =>
    recordAudit(tx, source(context.requestId), {
      ...entryOf(user),
      action: 'login_failed',
      success: false,
      error: user?.disabled ? 'disabled' : user ? 'wrong password' : 'unknown address',
    }),
  );
}
