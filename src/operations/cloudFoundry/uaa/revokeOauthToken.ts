import { OauthProblem } from '../../../domain/cloudFoundry/oauthProblem';
import { revokeAccessToken } from '../../../store/accessTokens';
import { deleteLogin } from '../../../store/credentials';
import { type Handler, json } from '../../handler';

export const revokeOauthToken: Handler<'revokeOauthToken'> = async (request, { tx, principal, audit, credentialsChanged }) => {
  const { kind, id, access } = principal.credential;
  if (!access || access.id !== request.path.jti.toLowerCase()) {
    throw new OauthProblem(
      'not_found',
      'This is not the jti of the token that the request was made with; a token revokes itself only.',
    );
  }
  // The API token behind client credentials is not theirs to end.
  if (kind === 'apiToken') await revokeAccessToken(tx, access.id, new Date(access.expiresAtMs).toISOString());
  else await deleteLogin(tx, id);
  credentialsChanged();
  await audit({ action: 'logout', resourceType: 'login', resourceId: principal.id, resourceName: principal.email });
  return json({ jti: access.id });
};
