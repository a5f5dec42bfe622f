import { containing } from '../../store/list';
import * as store from '../../store/serviceTypes';
import { type Handler, json } from '../handler';
import { toServiceType } from './view';

export const listServiceTypes: Handler<'listServiceTypes'> = async (request, { db }) => {
  const { query, page } = await request.page();
  const found = await store.listServiceTypes(db, page, {
    name: query.name,
    source: query.source,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  return json({ serviceTypes: found.rows.map(toServiceType), total: found.total, nextCursor: found.nextCursor });
};
