import { uuidv7 } from 'uuidv7';
import { hashPassword } from '../../auth/passwords';
import { alreadyTaken } from '../../domain/errors';
import { findUserByEmail, insertUser } from '../../store/users';
import { created, type Handler } from '../handler';
import { toUser } from './view';

export const createUser: Handler<'createUser'> = async (request, { tx, audit }) => {
  const { email, password, name = null, role = 'viewer' } = request.body();
  const taken = await findUserByEmail(tx, email);
  if (taken) throw alreadyTaken('email', 'Another user has this address.', { type: 'user', id: taken.id });

  const row = await insertUser(tx, { id: uuidv7(), email, password_hash: await hashPassword(password), name, role });
  await audit({
    action: 'create',
    resourceType: 'user',
    resourceId: row.id,
    resourceName: row.email,
    details: { changed: Object.keys(request.body()), after: { email, name, role } },
  });
  return created(`/api/users/${row.id}`, 'user', toUser(row), row.version);
};
