import { visibleEnvironment } from '../../domain/access/principal';
import { findEnvironment } from '../../store/environments';
import { type Handler, single } from '../handler';
import { toEnvironment } from './view';

export const getEnvironment: Handler<'getEnvironment'> = async ({ path }, { db, principal }) => {
  const environment = visibleEnvironment(principal, await findEnvironment(db, path.id), path.id);
  return single('environment', toEnvironment(environment), environment.version);
};
