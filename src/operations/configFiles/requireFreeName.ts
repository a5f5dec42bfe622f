import { ifReadable, type Principal } from '../../domain/access/principal';
import { alreadyTaken } from '../../domain/errors';
import { findConfigFileByName } from '../../store/configFiles';
import type { Tx } from '../../store/database';

/** 409 when a config file of the environment has the name. */
export async function requireFreeName(tx: Tx, principal: Principal, environmentId: string, name: string): Promise<void> {
  const taken = await findConfigFileByName(tx, environmentId, name);
  if (!taken) return;
  const message = `This environment already has a config file named "${name}".`;
  throw alreadyTaken('name', message, ifReadable(principal, 'configs:read', { type: 'config_file', id: taken.id }));
}
