import { visible } from '../../domain/access/principal';
import { findSecret } from '../../store/secrets';
import { type Handler, single } from '../handler';
import { toSecret } from './view';

export const getSecret: Handler<'getSecret'> = async ({ path }, { db, principal }) => {
  const row = visible(principal, await findSecret(db, path.id), 'secret', path.id);
  return single('secret', toSecret(row), row.version);
};
