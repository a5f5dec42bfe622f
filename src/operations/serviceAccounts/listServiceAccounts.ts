import { containing } from '../../store/list';
import * as store from '../../store/serviceAccounts';
import { type Handler, json } from '../handler';
import { toServiceAccount } from './view';

export const listServiceAccounts: Handler<'listServiceAccounts'> = async (request, { db }) => {
  const { query, page } = await request.page();
  const found = await store.listServiceAccounts(db, page, {
    name: query.name,
    role: query.role,
    disabled: query.disabled,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  return json({ serviceAccounts: found.rows.map(toServiceAccount), total: found.total, nextCursor: found.nextCursor });
};
