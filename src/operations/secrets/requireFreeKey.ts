import { ifReadable, type Principal } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import type { Tx } from '../../store/database';
import { findSecretByKey } from '../../store/secrets';

/** 409 when a secret of the environment has the key. */
export async function requireFreeKey(tx: Tx, principal: Principal, environmentId: string, key: string): Promise<void> {
  const taken = await findSecretByKey(tx, environmentId, key);
  if (!taken) return;
  const message = `This environment already has a secret "${key}".`;
  throw alreadyTaken('key', message, ifReadable(principal, 'secrets:read', { type: 'secret', id: taken.id }));
}
