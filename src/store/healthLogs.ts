import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, HealthLogs } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db } from './database';
import { type ListSpec, listPage } from './list';

/** What was found when something was looked at. */
export type HealthLogRow = Selectable<HealthLogs>;

/** How many checks of one kind of object ended in one way. */
export interface OutcomeCount {
  resourceType: string;
  status: string;
  count: number;
}

const within = (hours: number) => sql<boolean>`health_logs.created_at >= now() - make_interval(hours => ${hours})`;

const list: ListSpec<HealthLogRow, { outcomes: OutcomeCount[] }> = {
  name: 'healthLogs',
  rows: ((db: Kysely<DB>) => db.selectFrom('health_logs').selectAll('health_logs')) as never,
  countable: (db) => db.selectFrom('health_logs') as never,
  id: sql`health_logs.id`,
  sort: { createdAt: { expression: sql`health_logs.created_at`, type: 'timestamp' } },
  filters: {
    environmentId: (id: string) => sql<boolean>`health_logs.environment_id = ${id}`,
    hours: within,
    resourceType: (types: string[]) => sql<boolean>`health_logs.resource_type = any(${types})`,
    checkType: (types: string[]) => sql<boolean>`health_logs.check_type = any(${types})`,
    status: (statuses: string[]) => sql<boolean>`health_logs.status = any(${statuses})`,
    resourceId: (ids: string[]) => sql<boolean>`health_logs.resource_id = any(${ids})`,
    q: (pattern: string) => sql<boolean>`health_logs.resource_name ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  once: {
    outcomes: (environmentId, given) => sql`(
      select coalesce(json_agg(json_build_object('resourceType', resource_type, 'status', status, 'count', n)), '[]')
      from (select resource_type, status, count(*) as n from health_logs
        where environment_id = ${environmentId} and ${within(given('hours'))} group by 1, 2) counted)`,
  },
};

export interface HealthLogFilters {
  environmentId: string;
  /** How far to look back. */
  hours: number;
  resourceType?: string[] | undefined;
  checkType?: string[] | undefined;
  status?: string[] | undefined;
  resourceId?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the health checks of one environment, and how all checks of these hours ended. */
export const listHealthLogs = (db: Db, page: PageRequest, filters: HealthLogFilters) => listPage(db, list, page, { ...filters });
