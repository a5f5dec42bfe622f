import { type QueryCreator, type RawBuilder, sql } from 'kysely';
import type { DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db } from './database';
import { type ListSpec, listPage } from './list';

/** How many services of an environment have a type; null stands for none. */
export interface TypeCountRow {
  id: string | null;
  display_name: string;
  service_count: number;
}

// An index over type and environment holds each of these numbers; only a grouping of all services would read them one by one.
const ofType = sql`from services where service_type_id = service_types.id and environment_id = environments.id`;
const ofNoType = sql`from services where service_type_id is null and environment_id = environments.id`;
const typesIn = (count: (services: RawBuilder<unknown>) => RawBuilder<unknown>) => sql`environments cross join lateral (
  select id, display_name, ${count(ofType)} as service_count from service_types where exists (select ${ofType})
  union all select null, 'No type', ${count(ofNoType)} where exists (select ${ofNoType})) counted`;

const typeCounts: ListSpec<TypeCountRow> = {
  name: 'serviceTypeCounts',
  rows: ((db: QueryCreator<DB>) =>
    db
      .selectFrom(typesIn((services) => sql`(select count(*) ${services})`) as never)
      .select([
        sql`counted.id`.as('id'),
        sql`counted.display_name`.as('display_name'),
        sql`counted.service_count`.as('service_count'),
      ])) as never,
  countable: (db) => db.selectFrom(typesIn(() => sql`null`) as never) as never,
  id: sql`coalesce(counted.id, '00000000-0000-0000-0000-000000000000')`,
  sort: {
    displayName: { expression: sql`counted.display_name`, type: 'text' },
    count: { expression: sql`counted.service_count`, type: 'number' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`environments.id = ${id}`,
    q: (pattern: string) => sql<boolean>`counted.display_name ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
};

/** A page of the types that services of an environment have, with the number of them. */
export const listServiceTypeCounts = (db: Db, page: PageRequest, filters: { environmentId: string; q?: string | undefined }) =>
  listPage(db, typeCounts, page, { ...filters });
