import { visible } from '../../domain/access/principal';
import { findConfigFragment } from '../../store/configFragments';
import { type Handler, single } from '../handler';
import { toConfigFragment } from './view';

export const getConfigFragment: Handler<'getConfigFragment'> = async ({ path }, { db, principal }) => {
  const fragment = visible(principal, await findConfigFragment(db, path.id), 'config fragment', path.id);
  return single('fragment', toConfigFragment(fragment), fragment.version);
};
