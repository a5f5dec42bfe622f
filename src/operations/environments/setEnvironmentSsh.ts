import { requireEnvironmentInReach } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { readSshKey } from '../../domain/environments/sshKey';
import { invalid, notFound } from '../../domain/errors';
import { lockSshAccess, placeOfSshKey, type SshAccess, saveSsh } from '../../store/environmentSsh';
import { type Keyring, seal, unseal } from '../../store/sealing';
import { type Handler, whole } from '../handler';
import { toSsh, usualSshUser, versionOfSsh } from './ssh';

export const setEnvironmentSsh: Handler<'setEnvironmentSsh'> = async (request, context) => {
  const { tx, principal, keyring, audit, environmentDefaults } = context;
  const { id } = request.path;
  requireEnvironmentInReach(principal, id);
  const access = await lockSshAccess(tx, id);
  if (!access) throw notFound('environment', id);
  const { sshPrivateKey, sshUser = usualSshUser(access, environmentDefaults) } = request.body();
  const key = readSshKey(sshPrivateKey);
  if ('issue' in key) throw invalid([key.issue]);
  request.precondition(versionOfSsh(access), () => toSsh(access, environmentDefaults));

  const isSameKey = holdsKey(access, id, sshPrivateKey, keyring);
  if (isSameKey && access.ssh?.ssh_user === sshUser) return whole(toSsh(access, environmentDefaults), versionOfSsh(access));
  const sealed = seal(keyring, placeOfSshKey(id), sshPrivateKey);
  const ssh = await saveSsh(tx, { environmentId: id, privateKeySealed: sealed, sshUser, ...key });
  const after = { ...access, ssh };
  const [told, tells] = [toSsh(access, environmentDefaults), toSsh(after, environmentDefaults)];
  const changed = [...(isSameKey ? [] : ['sshPrivateKey']), ...differingMembers(told, tells)];
  await audit({
    action: 'update',
    resourceType: 'environment',
    resourceId: id,
    resourceName: access.environment_name,
    environmentId: id,
    details: changeDetails(told, tells, changed),
  });
  return whole(tells, ssh.version);
};

/** Whether this very text is stored. */
const holdsKey = ({ ssh }: SshAccess, environmentId: string, text: string, keyring: Keyring): boolean =>
  ssh !== null && unseal(keyring, placeOfSshKey(environmentId), ssh.private_key_sealed) === text;
