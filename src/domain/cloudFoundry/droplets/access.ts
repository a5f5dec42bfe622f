import { hasScope, type Principal, seesEnvironment } from '../../access/principal';
import { notAuthorized, resourceNotFound, type V3Noun } from '../problem';
import { hasRight, requireRight } from '../rights';

/** Whether what is in an environment is there for a principal. Without the scope to read, nothing is. */
export const sees = (principal: Principal, environmentId: string): boolean =>
  hasScope(principal, 'droplets:read') && seesEnvironment(principal, environmentId);

/** The row, if it is there and can be seen; else 404. */
export function seen<Row extends { environment_id: string }>(principal: Principal, row: Row | undefined, noun: V3Noun): Row {
  if (!row || !sees(principal, row.environment_id)) throw resourceNotFound(noun);
  return row;
}

/**
 * The droplet, if it may be changed: 404 unless it can be read, or repointed; then 403. A body that names the image asks
 * for the right to repoint and for no other, whatever else is in it.
 */
export function updatable<Row extends { environment_id: string }>(
  principal: Principal,
  row: Row | undefined,
  namesImage: boolean,
): Row {
  const repointable = row !== undefined && hasRight(principal, 'repoint') && seesEnvironment(principal, row.environment_id);
  if (!row || !(repointable || sees(principal, row.environment_id))) throw resourceNotFound('Droplet');
  requireRight(principal, namesImage ? 'repoint' : 'develop');
  return row;
}

/** Refuses (403) who may choose droplets and not change them: a supporter. Whoever only reads may ask for bits. */
export function requireMayDownload(principal: Principal): void {
  if (hasRight(principal, 'assign') && !hasRight(principal, 'develop')) throw notAuthorized();
}
