import { requireMayCreateOwnTokens } from '../../domain/access/tokenLimits';
import { created, type Handler } from '../handler';
import { issueToken } from './issue';
import { toApiToken } from './view';

export const createMyApiToken: Handler<'createMyApiToken'> = async (request, context) => {
  const { principal } = context;
  requireMayCreateOwnTokens(principal);
  const { kind, id, role } = principal;
  // Whoever gets here has the role of its owner: a login always, an API token because tokens:manage needs the highest.
  const owner = { userId: kind === 'user' ? id : null, serviceAccountId: kind === 'user' ? null : id, ownerRole: role };
  const { token, row } = await issueToken(context, request.body(), owner);
  return created(`/api/auth/tokens/${row.id}`, 'tokenRecord', toApiToken(row, principal), row.version, { token });
};
