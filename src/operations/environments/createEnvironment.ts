import { uuidv7 } from 'uuidv7';
import { changeDetails } from '../../domain/changes';
import { insertEnvironment } from '../../store/environments';
import { created, type Handler } from '../handler';
import { requireFreeName } from './requireFreeName';
import { toEnvironment } from './view';

export const createEnvironment: Handler<'createEnvironment'> = async (request, { tx, principal, audit }) => {
  const body = request.body();
  await requireFreeName(tx, principal, body.name);

  const id = uuidv7();
  const row = await insertEnvironment(tx, { id, name: body.name, displayName: body.displayName ?? null });
  await audit({
    action: 'create',
    resourceType: 'environment',
    resourceId: id,
    resourceName: row.name,
    environmentId: id,
    details: changeDetails({}, body, Object.keys(body)),
  });
  return created(`/api/environments/${id}`, 'environment', toEnvironment(row), row.version);
};
