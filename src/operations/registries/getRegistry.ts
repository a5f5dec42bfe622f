import { visible } from '../../domain/access/principal';
import { findRegistry } from '../../store/registries';
import { type Handler, single } from '../handler';
import { toRegistry } from './view';

export const getRegistry: Handler<'getRegistry'> = async ({ path }, { db, principal }) => {
  const registry = visible(principal, await findRegistry(db, path.id), 'registry', path.id);
  return single('registry', toRegistry(registry), registry.version);
};
