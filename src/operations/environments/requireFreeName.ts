import { ifReadable, type Principal, seesEnvironment } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import type { Tx } from '../../store/database';
import { findEnvironmentByName } from '../../store/environments';

/** 409 when an environment has the name. */
export async function requireFreeName(tx: Tx, principal: Principal, name: string): Promise<void> {
  const taken = await findEnvironmentByName(tx, name);
  if (!taken) return;
  const shown = seesEnvironment(principal, taken.id)
    ? ifReadable(principal, 'environments:read', { type: 'environment', id: taken.id })
    : undefined;
  throw alreadyTaken('name', `There already is an environment named "${name}".`, shown);
}
