import { notFound } from '../../domain/errors';
import { deleteApiTokenRow, lockApiToken } from '../../store/apiTokens';
import { type Handler, noContent } from '../handler';
import { toApiToken } from './view';

export const deleteApiToken: Handler<'deleteApiToken'> = async (request, { tx, principal, audit, credentialsChanged }) => {
  const { tokenId } = request.path;
  const row = await lockApiToken(tx, tokenId);
  if (!row) throw notFound('API token', tokenId);
  request.precondition(row.version, () => toApiToken(row, principal));
  await deleteApiTokenRow(tx, tokenId);
  credentialsChanged();
  await audit({ action: 'delete', resourceType: 'api_token', resourceId: tokenId, resourceName: row.name });
  return noContent();
};
