import { listApiTokens } from '../../store/apiTokens';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toApiToken } from './view';

export const listMyApiTokens: Handler<'listMyApiTokens'> = async (request, { db, principal }) => {
  const { query, page } = await request.page();
  const found = await listApiTokens(db, page, {
    [principal.kind === 'user' ? 'ownerUserId' : 'ownerServiceAccountId']: [principal.id],
    q: query.q === undefined ? undefined : containing(query.q),
  });
  const tokens = found.rows.map((row) => toApiToken(row, principal));
  return json({ tokens, total: found.total, nextCursor: found.nextCursor });
};
