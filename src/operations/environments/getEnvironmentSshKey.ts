import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound, Problem } from '../../domain/errors';
import { environmentSettingsOf } from '../../domain/settings/environmentSettings';
import { findSshAccess, placeOfSshKey } from '../../store/environmentSsh';
import { unseal } from '../../store/sealing';
import { type Handler, json } from '../handler';
import { requireSshKey } from './ssh';

export const getEnvironmentSshKey: Handler<'getEnvironmentSshKey'> = async (request, context) => {
  const { db, principal, keyring, audit, environmentDefaults } = context;
  const { id } = request.path;
  requireEnvironmentInReach(principal, id);
  const access = await findSshAccess(db, id);
  if (!access) throw notFound('environment', id);
  const ssh = requireSshKey(access);
  request.query();
  if (!environmentSettingsOf('configuration', access.configuration, environmentDefaults).allowSecretReveal) {
    throw new Problem('forbidden_scope', {
      message: `The environment "${access.environment_name}" reveals no secrets.`,
      hint: 'An administrator may set allowSecretReveal in its settings of the module configuration.',
      details: { reason: 'reveal_disabled' },
    });
  }
  const privateKey = unseal(keyring, placeOfSshKey(id), ssh.private_key_sealed);
  await audit({
    action: 'reveal',
    resourceType: 'environment',
    resourceId: id,
    resourceName: access.environment_name,
    environmentId: id,
    details: { revealed: 'sshPrivateKey' },
  });
  return json({ privateKey, username: ssh.ssh_user });
};
