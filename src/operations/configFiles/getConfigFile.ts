import { visible } from '../../domain/access/principal';
import { findConfigFile } from '../../store/configFiles';
import { type Handler, single } from '../handler';
import { toConfigFile } from './view';

export const getConfigFile: Handler<'getConfigFile'> = async ({ path }, { db, principal, keyring }) => {
  const file = visible(principal, await findConfigFile(db, path.id), 'config file', path.id);
  return single('configFile', await toConfigFile(db, keyring, file), file.version);
};
