import { uuidv7 } from 'uuidv7';
import { accessClaims } from '../../../domain/cloudFoundry/accessToken';
import { clientOf } from '../../../domain/cloudFoundry/oauthClient';
import { OauthProblem } from '../../../domain/cloudFoundry/oauthProblem';
import { json, type PublicHandler } from '../../handler';
import type { Grant, OauthNeeds } from './grant';
import { grantByApiToken } from './grantByApiToken';
import { grantByPassword } from './grantByPassword';
import { grantByRefreshToken } from './grantByRefreshToken';

const grants = new Map<string, Grant>([
  ['password', grantByPassword],
  ['refresh_token', grantByRefreshToken],
  ['client_credentials', grantByApiToken],
]);

export const createOauthToken: PublicHandler<'createOauthToken', OauthNeeds> = async (request, context) => {
  const form = request.body();
  const grant = grants.get(form.grant_type);
  if (!grant) {
    throw new OauthProblem('unsupported_grant_type', `This grant type is not known; known are ${[...grants.keys()].join(', ')}.`);
  }
  const client = clientOf(request.header('authorization'), form);
  const { principal, notAfterMs, refreshToken } = await grant(form, client, context);
  const wish = { jti: uuidv7(), clientId: client.id, now: context.now(), ttlSeconds: context.cfTokenTtlSeconds, notAfterMs };
  const claims = accessClaims(principal, wish);
  return json({
    access_token: await context.signAccess(claims),
    token_type: 'bearer' as const,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    expires_in: Math.max(0, claims.exp - claims.iat),
    scope: claims.scope.join(' '),
    jti: claims.jti,
  });
};
