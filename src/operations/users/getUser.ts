import { notFound } from '../../domain/errors';
import { findUser } from '../../store/users';
import { type Handler, single } from '../handler';
import { toUser } from './view';

export const getUser: Handler<'getUser'> = async ({ path }, { db }) => {
  const row = await findUser(db, path.id);
  if (!row) throw notFound('user', path.id);
  return single('user', toUser(row), row.version);
};
