import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, ServerMetrics } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db } from './database';
import { type ListSpec, listPage } from './list';

/** What was measured on a server at one time. */
export type ServerSampleRow = Selectable<ServerMetrics>;

const list: ListSpec<ServerSampleRow> = {
  name: 'serverMetrics',
  rows: ((db: Kysely<DB>) => db.selectFrom('server_metrics').selectAll('server_metrics')) as never,
  countable: (db) => db.selectFrom('server_metrics') as never,
  id: sql`server_metrics.id`,
  sort: { collectedAt: { expression: sql`server_metrics.collected_at`, type: 'timestamp' } },
  filters: {
    serverId: (id: string) => sql<boolean>`server_metrics.server_id = ${id}`,
    hours: (hours: number) => sql<boolean>`server_metrics.collected_at >= now() - make_interval(hours => ${hours})`,
    q: (pattern: string) => sql<boolean>`server_metrics.source ilike ${pattern}`,
  },
};

export interface ServerMetricsFilters {
  serverId: string;
  /** How far to look back. */
  hours: number;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the samples of one server. */
export const listServerMetrics = (db: Db, page: PageRequest, filters: ServerMetricsFilters) =>
  listPage(db, list, page, { ...filters });
