import { effectiveScopes } from '../../domain/access/principal';
import { type Handler, json } from '../handler';

export const getCurrentPrincipal: Handler<'getCurrentPrincipal'> = async (_request, { principal }) => {
  const { id, email, name, role, kind, credential, environmentIds } = principal;
  return json({
    user: {
      id,
      email,
      name,
      role,
      apiTokenId: credential.kind === 'apiToken' ? credential.id : null,
      serviceAccountId: kind === 'serviceAccount' ? id : null,
    },
    role,
    scopes: effectiveScopes(principal),
    allEnvironments: environmentIds === null,
    environments: environmentIds ? [...environmentIds] : [],
  });
};
