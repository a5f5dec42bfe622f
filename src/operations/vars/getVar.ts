import { visible } from '../../domain/access/principal';
import { findVar } from '../../store/vars';
import { type Handler, single } from '../handler';
import { toVar } from './view';

export const getVar: Handler<'getVar'> = async ({ path }, { db, principal }) => {
  const row = visible(principal, await findVar(db, path.id), 'var', path.id);
  return single('var', toVar(row), row.version);
};
