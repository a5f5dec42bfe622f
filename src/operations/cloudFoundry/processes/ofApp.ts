import type { Principal } from '../../../domain/access/principal';
import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { findProcess, type ProcessRow } from '../../../store/cloudFoundry/processes';
import type { Db } from '../../../store/database';

/** The process of an app by its type: 404 for the app first, then for any type but `web`. */
export async function processOfApp(
  db: Db,
  principal: Principal,
  { guid, type }: { guid: string; type: string },
): Promise<ProcessRow> {
  const row = seen(principal, await findProcess(db, guid), 'App');
  if (type !== 'web') throw resourceNotFound('Process');
  return row;
}
