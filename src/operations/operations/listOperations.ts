import { environmentsInReach } from '../../domain/access/principal';
import { readableResourceTypes } from '../../domain/access/resourceScopes';
import { containing } from '../../store/list';
import * as store from '../../store/operations';
import { type Handler, json } from '../handler';
import { toOperation } from './view';

export const listOperations: Handler<'listOperations'> = async (request, { db, principal }) => {
  const { query, page } = await request.page();
  const { state, kind, environmentId, resourceType, resourceId, mine, q } = query;
  const found = await store.listOperations(db, page, {
    readableTypes: readableResourceTypes(principal),
    environmentId: environmentsInReach(principal, environmentId),
    state,
    kind,
    resourceType,
    resourceId,
    createdBy: mine === true ? principal.id : undefined,
    notCreatedBy: mine === false ? principal.id : undefined,
    q: q === undefined ? undefined : containing(q),
  });
  return json({ operations: found.rows.map(toOperation), total: found.total, nextCursor: found.nextCursor });
};
