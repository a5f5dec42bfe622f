import { findApiToken } from '../../store/apiTokens';
import { type Handler, single } from '../handler';
import { requireOwn } from './own';
import { toApiToken } from './view';

export const getMyApiToken: Handler<'getMyApiToken'> = async ({ path }, { db, principal }) => {
  const row = requireOwn(principal, await findApiToken(db, path.tokenId), path.tokenId);
  return single('tokenRecord', toApiToken(row, principal), row.version);
};
