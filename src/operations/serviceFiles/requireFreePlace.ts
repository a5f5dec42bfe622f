import { ifReadable, type Principal } from '../../domain/access/principal';
import { type Attached, attachmentInTheWay, kindOf } from '../../domain/config/serviceFile';
import { alreadyTaken } from '../../domain/errors';

/** 409 when another attachment of the same level has the file or the path. */
export function requireFreePlace(principal: Principal, wanted: Omit<Attached, 'id'>, present: readonly Attached[]): void {
  const other = attachmentInTheWay(wanted, present);
  if (!other) return;
  const level = kindOf(wanted.service_deployment_id) === 'base' ? 'service' : 'placement';
  const message =
    other.field === 'configFileId'
      ? `This config file is already attached to the ${level}.`
      : `Another config file of the ${level} has the path "${wanted.target_path}".`;
  throw alreadyTaken(other.field, message, ifReadable(principal, 'configs:read', { type: 'service_file', id: other.id }));
}
