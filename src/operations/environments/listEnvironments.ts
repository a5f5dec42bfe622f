import { environmentsInReach } from '../../domain/access/principal';
import * as store from '../../store/environments';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toEnvironment } from './view';

export const listEnvironments: Handler<'listEnvironments'> = async (request, { db, principal }) => {
  const { query, page } = await request.page();
  const found = await store.listEnvironments(db, page, {
    ids: environmentsInReach(principal),
    name: query.name,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  return json({ environments: found.rows.map(toEnvironment), total: found.total, nextCursor: found.nextCursor });
};
