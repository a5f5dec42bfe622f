import { deleteApiTokenRow, lockApiToken } from '../../store/apiTokens';
import { type Handler, noContent } from '../handler';
import { requireOwn } from './own';
import { toApiToken } from './view';

export const deleteMyApiToken: Handler<'deleteMyApiToken'> = async (request, { tx, principal, audit, credentialsChanged }) => {
  const { tokenId } = request.path;
  const row = requireOwn(principal, await lockApiToken(tx, tokenId), tokenId);
  request.precondition(row.version, () => toApiToken(row, principal));
  await deleteApiTokenRow(tx, tokenId);
  credentialsChanged();
  await audit({ action: 'delete', resourceType: 'api_token', resourceId: tokenId, resourceName: row.name });
  return noContent();
};
