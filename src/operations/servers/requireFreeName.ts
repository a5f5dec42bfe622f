import { ifReadable, type Principal } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import type { Tx } from '../../store/database';
import { findServerByName } from '../../store/servers';

/** 409 when a server of the environment has the name. */
export async function requireFreeName(tx: Tx, principal: Principal, environmentId: string, name: string): Promise<void> {
  const taken = await findServerByName(tx, environmentId, name);
  if (!taken) return;
  const message = `This environment already has a server named "${name}".`;
  throw alreadyTaken('name', message, ifReadable(principal, 'servers:read', { type: 'server', id: taken.id }));
}
