import { hashRefreshToken, newRefreshToken } from '../../../auth/refreshTokens';
import { requirePublicClient } from '../../../domain/cloudFoundry/oauthClient';
import { OauthProblem } from '../../../domain/cloudFoundry/oauthProblem';
import { insertRefreshToken } from '../../../store/accessTokens';
import { findLoginCredential, principalOf } from '../../../store/credentials';
import { signIn } from '../../auth/signIn';
import { type Grant, refreshTtlSeconds } from './grant';

/** E-mail and password: opens a login like that of /api, with a refresh token. */
export const grantByPassword: Grant = async ({ username, password }, client, context) => {
  requirePublicClient(client);
  if (!username || password === undefined) {
    throw new OauthProblem('invalid_request', 'The password grant needs username and password.');
  }
  const refreshToken = newRefreshToken();
  const signedIn = await signIn(context, {
    operationId: 'createOauthToken',
    email: username,
    password,
    ttlSeconds: refreshTtlSeconds,
    inside: (tx, loginId) => insertRefreshToken(tx, hashRefreshToken(refreshToken), loginId),
  });
  const row = signedIn && (await findLoginCredential(context.database.db, signedIn.opening.id));
  if (!row) throw new OauthProblem('unauthorized', 'E-mail or password is wrong.');
  const principal = principalOf(row, { kind: 'login', id: row.credential_id });
  return { principal, notAfterMs: Date.parse(row.expires_at), refreshToken };
};
