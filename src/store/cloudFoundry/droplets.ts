import { type QueryCreator, type Selectable, sql } from 'kysely';
import type { DB, Droplets } from '../../../generated/database';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db } from '../database';
import { statement } from '../statement';
import { metadataColumns } from './metadata';

/** A droplet with its metadata. */
export type DropletRow = Selectable<Droplets> & Metadata;

const droplets = (db: QueryCreator<DB>) =>
  db.selectFrom('droplets').selectAll('droplets').select(metadataColumns('droplet', sql`droplets.id`));

const byId = statement<{ id: string }, DropletRow>((db, { id }) => droplets(db).where('droplets.id', '=', id) as never);

/** One droplet, or undefined; any text may be asked for. */
export async function findDroplet(db: Db, guid: string): Promise<DropletRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}
