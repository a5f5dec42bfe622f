import { notFound } from '../../domain/errors';
import { findApiToken } from '../../store/apiTokens';
import { type Handler, single } from '../handler';
import { toApiToken } from './view';

export const getApiToken: Handler<'getApiToken'> = async ({ path }, { db, principal }) => {
  const row = await findApiToken(db, path.tokenId);
  if (!row) throw notFound('API token', path.tokenId);
  return single('tokenRecord', toApiToken(row, principal), row.version);
};
