import * as store from '../../store/apiTokens';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toApiToken } from './view';

export const listApiTokens: Handler<'listApiTokens'> = async (request, { db, principal }) => {
  const { query, page } = await request.page();
  const found = await store.listApiTokens(db, page, {
    ownerUserId: query.ownerUserId,
    ownerServiceAccountId: query.ownerServiceAccountId,
    expired: query.expired,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  const tokens = found.rows.map((row) => toApiToken(row, principal));
  return json({ tokens, total: found.total, nextCursor: found.nextCursor });
};
