import { ifReadable, type Principal } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import { findConfigFragmentByName } from '../../store/configFragments';
import type { Tx } from '../../store/database';

/** 409 when a fragment of the environment has the name. */
export async function requireFreeName(tx: Tx, principal: Principal, environmentId: string, name: string): Promise<void> {
  const taken = await findConfigFragmentByName(tx, environmentId, name);
  if (!taken) return;
  const message = `This environment already has a config fragment named "${name}".`;
  throw alreadyTaken('name', message, ifReadable(principal, 'configs:read', { type: 'config_fragment', id: taken.id }));
}
