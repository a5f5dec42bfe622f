import { containing } from '../../store/list';
import * as store from '../../store/users';
import { type Handler, json } from '../handler';
import { toUser } from './view';

export const listUsers: Handler<'listUsers'> = async (request, { db }) => {
  const { query, page } = await request.page();
  const found = await store.listUsers(db, page, {
    role: query.role,
    disabled: query.disabled,
    activeWithinMinutes: query.activeWithinMinutes,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  return json({ users: found.rows.map(toUser), total: found.total, nextCursor: found.nextCursor });
};
