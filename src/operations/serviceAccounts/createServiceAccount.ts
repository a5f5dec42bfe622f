import { uuidv7 } from 'uuidv7';
import { alreadyTaken } from '../../domain/errors';
import { findServiceAccountByName, insertServiceAccount } from '../../store/serviceAccounts';
import { created, type Handler } from '../handler';
import { toServiceAccount } from './view';

export const createServiceAccount: Handler<'createServiceAccount'> = async (request, { tx, principal, audit }) => {
  const { name, description, role = 'viewer' } = request.body();
  const taken = await findServiceAccountByName(tx, name);
  if (taken) {
    const message = `There is a service account named "${name}" already.`;
    throw alreadyTaken('name', message, { type: 'service_account', id: taken.id });
  }
  const row = await insertServiceAccount(tx, {
    id: uuidv7(),
    name,
    description: description || null,
    role,
    createdByUserId: principal.kind === 'user' ? principal.id : null,
  });
  await audit({
    action: 'create',
    resourceType: 'service_account',
    resourceId: row.id,
    resourceName: row.name,
    details: { changed: Object.keys(request.body()), after: { name, description: row.description, role } },
  });
  return created(`/api/admin/service-accounts/${row.id}`, 'serviceAccount', toServiceAccount(row), row.version);
};
