import * as store from '../../store/databaseTypes';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toDatabaseType } from './view';

export const listDatabaseTypes: Handler<'listDatabaseTypes'> = async (request, { db }) => {
  const { query, page } = await request.page();
  const found = await store.listDatabaseTypes(db, page, {
    name: query.name,
    source: query.source,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  return json({ databaseTypes: found.rows.map(toDatabaseType), total: found.total, nextCursor: found.nextCursor });
};
