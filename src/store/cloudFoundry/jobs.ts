import { sql } from 'kysely';
import { isId } from '../../domain/ids';
import type { Db } from '../database';
import type { OperationRow } from '../operations';
import { statement } from '../statement';

/** An operation of a kind that /v3 starts, and whether its resource is still there. */
export type JobRow = OperationRow & { resource_exists: boolean };

const resourceExists = sql<boolean>`
  case resource_type
    when 'droplet' then exists (select from droplets where id = resource_id)
    when 'package' then exists (select from packages where id = resource_id)
    when 'service' then exists (select from services where id = resource_id)
    else false
  end`;

const byId = statement<{ id: string; kinds: readonly string[] }, JobRow>((db, v) =>
  db
    .selectFrom('operations')
    .selectAll('operations')
    .select(resourceExists.as('resource_exists'))
    .where('id', '=', v.id)
    .where(sql<boolean>`kind = any(${v.kinds}::text[])`),
);

/** One job, or undefined; any text may be asked for. */
export async function findJob(db: Db, guid: string, kinds: readonly string[]): Promise<JobRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid, kinds }) : undefined;
}
