import { visibleEnvironment } from '../../domain/access/principal';
import { deletionDetails, protectedEnvironment, totalOf } from '../../domain/environments/environment';
import { inUse } from '../../domain/errors';
import * as store from '../../store/environments';
import { type Handler, noContent } from '../handler';
import { toEnvironment } from './view';

export const deleteEnvironment: Handler<'deleteEnvironment'> = async (request, context) => {
  const { tx, principal, audit, credentialsChanged } = context;
  const { id } = request.path;
  const row = visibleEnvironment(principal, await store.lockEnvironment(tx, id), id);
  const { cascade } = request.query();
  request.precondition(row.version, () => toEnvironment(row));
  if (row.protected) throw protectedEnvironment(row.name, 'deleted');

  const active = await store.activeOperationsOfEnvironment(tx, id);
  if (active[0]) {
    const hint = 'Wait until they end, or cancel them with cancelOperation.';
    const references = active.map(({ type, id: operationId, name }) => ({ type, id: operationId, name }));
    throw inUse('Operations of this environment are queued or running.', references, active[0].total, hint);
  }
  const counts = await store.countsOfEnvironment(tx, id);
  const held = cascade ? [] : await store.contentsOfEnvironment(tx, id);
  if (held.length > 0) {
    const hint = 'Delete these objects first, or send cascade=true to delete them too.';
    throw inUse('This environment is not empty.', held, totalOf(counts), hint);
  }
  await store.deleteEnvironmentRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'environment',
    resourceId: id,
    resourceName: row.name,
    environmentId: id,
    environmentName: row.name,
    details: deletionDetails(cascade === true, counts),
  });
  credentialsChanged();
  return noContent();
};
