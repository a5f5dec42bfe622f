import { ifReadable, type Principal } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import type { Tx } from '../../store/database';
import { findVarByKey } from '../../store/vars';

/** 409 when a var of the environment has the key. */
export async function requireFreeKey(tx: Tx, principal: Principal, environmentId: string, key: string): Promise<void> {
  const taken = await findVarByKey(tx, environmentId, key);
  if (!taken) return;
  const message = `This environment already has a var "${key}".`;
  throw alreadyTaken('key', message, ifReadable(principal, 'vars:read', { type: 'var', id: taken.id }));
}
