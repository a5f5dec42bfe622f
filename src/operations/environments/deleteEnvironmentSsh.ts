import { requireEnvironmentInReach } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { notFound } from '../../domain/errors';
import { deleteSsh, lockSshAccess } from '../../store/environmentSsh';
import { type Handler, noContent } from '../handler';
import { requireSshKey, toSsh, versionOfSsh } from './ssh';

export const deleteEnvironmentSsh: Handler<'deleteEnvironmentSsh'> = async (request, context) => {
  const { tx, principal, audit, environmentDefaults } = context;
  const { id } = request.path;
  requireEnvironmentInReach(principal, id);
  const access = await lockSshAccess(tx, id);
  if (!access) throw notFound('environment', id);
  requireSshKey(access);
  request.precondition(versionOfSsh(access), () => toSsh(access, environmentDefaults));

  await deleteSsh(tx, id);
  const [told, tells] = [toSsh(access, environmentDefaults), toSsh({ ...access, ssh: null }, environmentDefaults)];
  await audit({
    action: 'update',
    resourceType: 'environment',
    resourceId: id,
    resourceName: access.environment_name,
    environmentId: id,
    details: changeDetails(told, tells, ['sshPrivateKey', ...differingMembers(told, tells)]),
  });
  return noContent();
};
