import { ifReadable, type Principal } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import type { Tx } from '../../store/database';
import { findRegistryByName } from '../../store/registries';

/** 409 when a connection of the environment has the name. */
export async function requireFreeName(tx: Tx, principal: Principal, environmentId: string, name: string): Promise<void> {
  const taken = await findRegistryByName(tx, environmentId, name);
  if (!taken) return;
  const message = `This environment already has a registry connection named "${name}".`;
  throw alreadyTaken('name', message, ifReadable(principal, 'registries:read', { type: 'registry', id: taken.id }));
}
