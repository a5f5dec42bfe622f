import { hashRefreshToken, isRefreshToken, newRefreshToken } from '../../../auth/refreshTokens';
import { requirePublicClient } from '../../../domain/cloudFoundry/oauthClient';
import { OauthProblem } from '../../../domain/cloudFoundry/oauthProblem';
import { findRefreshToken, insertRefreshToken, takeRefreshToken } from '../../../store/accessTokens';
import { recordAudit } from '../../../store/audit';
import { type CredentialRow, deleteLogin, findLoginCredential, principalOf } from '../../../store/credentials';
import type { Grant, GrantContext } from './grant';

const refused = () => new OauthProblem('invalid_token', 'This refresh token is unknown, was used, or has expired.');

/**
 * A refresh token, for a new pair of tokens. One that was used before is in two hands: its login ends, with all tokens. Of
 * requests that find the same token unused one succeeds; the others are refused, and the login lives. Whoever comes once
 * the exchange is done cannot be told from a thief.
 */
export const grantByRefreshToken: Grant = async (form, client, context) => {
  requirePublicClient(client);
  if (!form.refresh_token) throw new OauthProblem('invalid_request', 'The refresh_token grant needs refresh_token.');
  if (!isRefreshToken(form.refresh_token)) throw refused();
  const hash = hashRefreshToken(form.refresh_token);
  const known = await findRefreshToken(context.database.db, hash);
  if (!known) throw refused();
  if (known.used) {
    await endLogin(context, known.login_id);
    throw refused();
  }
  const refreshToken = newRefreshToken();
  const row = await exchange(context, known.login_id, hash, hashRefreshToken(refreshToken));
  if (!row) throw refused();
  const principal = principalOf(row, { kind: 'login', id: row.credential_id });
  return { principal, notAfterMs: Date.parse(row.expires_at), refreshToken };
};

/** Puts the new token in the place of the old one. A disabled user keeps theirs, for when they are enabled again. */
function exchange(
  { database, now }: GrantContext,
  loginId: string,
  from: Buffer,
  to: Buffer,
): Promise<CredentialRow | undefined> {
  return database.transact(async (tx) => {
    const row = await findLoginCredential(tx, loginId);
    if (!row || row.disabled || Date.parse(row.expires_at) <= now().getTime()) return undefined;
    if (!(await takeRefreshToken(tx, from, loginId))) return undefined;
    await insertRefreshToken(tx, to, loginId);
    return row;
  });
}

/** Ends the login with all its tokens, also where they are remembered. */
async function endLogin({ database, requestId, credentialsChanged }: GrantContext, loginId: string): Promise<void> {
  await database.transact(async (tx) => {
    const row = await findLoginCredential(tx, loginId);
    await deleteLogin(tx, loginId);
    if (!row) return;
    await recordAudit(
      tx,
      { operationId: 'createOauthToken', requestId, principal: null },
      {
        action: 'login_ended',
        resourceType: 'login',
        resourceId: row.owner_id,
        resourceName: row.email,
        success: false,
        error: 'a used refresh token came again',
      },
    );
  });
  credentialsChanged();
}
