import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { findSshAccess } from '../../store/environmentSsh';
import { type Handler, whole } from '../handler';
import { toSsh, versionOfSsh } from './ssh';

export const getEnvironmentSsh: Handler<'getEnvironmentSsh'> = async ({ path }, { db, principal, environmentDefaults }) => {
  requireEnvironmentInReach(principal, path.id);
  const access = await findSshAccess(db, path.id);
  if (!access) throw notFound('environment', path.id);
  return whole(toSsh(access, environmentDefaults), versionOfSsh(access));
};
