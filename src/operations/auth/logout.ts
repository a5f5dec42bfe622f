import { deleteLogin } from '../../store/credentials';
import { type Handler, noContent } from '../handler';

export const logout: Handler<'logout'> = async (request, { tx, principal, audit, credentialsChanged }) => {
  request.body();
  const { credential } = principal;
  if (credential.kind === 'login') {
    await deleteLogin(tx, credential.id);
    credentialsChanged();
    await audit({ action: 'logout', resourceType: 'login', resourceId: principal.id, resourceName: principal.email });
  }
  return noContent();
};
