import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, Operations } from '../../generated/database';
import type { Principal } from '../domain/access/principal';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage, oneOrMany } from './list';
import { statement } from './statement';

export type OperationRow = Selectable<Operations>;

const all = (db: Kysely<DB>) => db.selectFrom('operations').selectAll('operations');

const byId = statement<{ id: string }, OperationRow>((db, { id }) => all(db).where('operations.id', '=', id));

/** One operation, or undefined. */
export const findOperation = (db: Db, id: string): Promise<OperationRow | undefined> => byId.first(db, { id });

const resourceName = sql<string | null>`
  case resource_type
    when 'registry' then (select name from registries where id = resource_id)
    when 'container_image' then (select name from container_images where id = resource_id)
    when 'service' then (select name from services where id = resource_id)
    when 'environment' then (select name from environments where id = resource_id)
  end`;

type LockedRow = OperationRow & { resource_name: string | null };

const byIdLocked = statement<{ id: string }, LockedRow>((db, { id }) =>
  all(db).select(resourceName.as('resource_name')).where('operations.id', '=', id).forUpdate('operations'),
);

/** One operation with the name of its resource, locked until the transaction ends. */
export const lockOperation = (tx: Tx, id: string): Promise<LockedRow | undefined> => byIdLocked.first(tx, { id });

const list: ListSpec<OperationRow> = {
  name: 'operations',
  rows: all as never,
  countable: (db) => db.selectFrom('operations') as never,
  id: sql`operations.id`,
  sort: { createdAt: { expression: sql`operations.created_at`, type: 'timestamp' } },
  filters: {
    readableTypes: (types: string[]) => sql<boolean>`
      coalesce(resource_type, case when environment_id is null then 'system_settings' else 'environment' end) = any(${types})`,
    environmentId: (id: string) => sql<boolean>`operations.environment_id = ${id}`,
    environmentIds: (ids: string[]) => sql<boolean>`operations.environment_id = any(${ids})`,
    state: (states: string[]) => sql<boolean>`operations.state = any(${states})`,
    kind: (kinds: string[]) => sql<boolean>`operations.kind = any(${kinds})`,
    resourceType: (types: string[]) => sql<boolean>`operations.resource_type = any(${types})`,
    resourceId: (id: string) => sql<boolean>`operations.resource_id = ${id}`,
    resourceIds: (ids: string[]) => sql<boolean>`operations.resource_id = any(${ids})`,
    createdBy: (id: string) => sql<boolean>`operations.created_by_id = ${id}`,
    notCreatedBy: (id: string) => sql<boolean>`operations.created_by_id is distinct from ${id}`,
    q: (pattern: string) => sql<boolean>`operations.kind ilike ${pattern}`,
  },
  merged: { filter: 'environmentIds', column: sql`operations.environment_id` },
};

export interface OperationFilters {
  /** Types of resources that the reader may read. */
  readableTypes: string[];
  environmentId?: string[] | undefined;
  state?: string[] | undefined;
  kind?: string[] | undefined;
  resourceType?: string[] | undefined;
  resourceId?: string[] | undefined;
  createdBy?: string | undefined;
  notCreatedBy?: string | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the operations of some or all environments. */
export function listOperations(db: Db, page: PageRequest, filters: OperationFilters) {
  const { environmentId, resourceId, ...others } = filters;
  return listPage(db, list, page, {
    ...oneOrMany('environmentId', environmentId),
    ...oneOrMany('resourceId', resourceId),
    ...others,
  });
}

const changed = { version: sql<number>`version + 1`, updated_at: sql<string>`now()` };
const end = statement<{ id: string }, OperationRow>((db, { id }) =>
  db
    .updateTable('operations')
    .set({ state: sql.lit('cancelled'), cancel_requested: sql`true`, finished_at: sql`now()`, ...changed })
    .where('id', '=', id)
    .returningAll(),
);
const request = statement<{ id: string }, OperationRow>((db, { id }) =>
  db
    .updateTable('operations')
    .set({ cancel_requested: sql`true`, ...changed })
    .where('id', '=', id)
    .returningAll(),
);

/** Ends a locked operation that nobody has begun. */
export const endQueuedOperation = async (tx: Tx, id: string) => (await end.first(tx, { id })) as OperationRow;

/** Asks whoever runs a locked operation to end it. */
export const requestCancellation = async (tx: Tx, id: string) => (await request.first(tx, { id })) as OperationRow;

const active = statement<{ resourceId: string; kind: string }, { id: string }>((db, v) =>
  db
    .selectFrom('operations')
    .select('id')
    .where('resource_id', '=', v.resourceId)
    .where('kind', '=', v.kind)
    .where('state', '=', 'queued')
    .limit(1),
);

/** An operation of this kind on a resource that nobody has begun. */
export const queuedOperationOf = (db: Db, resourceId: string, kind: string): Promise<{ id: string } | undefined> =>
  active.first(db, { resourceId, kind });

export interface NewOperation {
  id: string;
  kind: string;
  resourceType: string;
  resourceId: string;
  environmentId: string;
  /** What was asked for, beside the resource. */
  parameters: Record<string, unknown>;
  createdBy: Pick<Principal, 'kind' | 'id' | 'name' | 'email'>;
  /** Left out: it is. */
  cancellable?: boolean;
}

type OperationValues = Omit<NewOperation, 'createdBy' | 'parameters'> & {
  cancellable: boolean;
  parameters: string;
  createdByType: string;
  createdById: string;
  createdByName: string;
};
const insert = statement<OperationValues, OperationRow>((db, v) =>
  db
    .insertInto('operations')
    .values({
      id: v.id,
      kind: v.kind,
      resource_type: v.resourceType,
      resource_id: v.resourceId,
      environment_id: v.environmentId,
      parameters: v.parameters,
      created_by_type: v.createdByType,
      created_by_id: v.createdById,
      created_by_name: v.createdByName,
      cancellable: v.cancellable,
    })
    .returningAll(),
);

/** Adds a queued operation; its job is added in the same transaction. */
export async function insertOperation(
  tx: Tx,
  { parameters, createdBy, cancellable = true, ...values }: NewOperation,
): Promise<OperationRow> {
  const { kind, id, name, email } = createdBy;
  return (await insert.first(tx, {
    ...values,
    cancellable,
    parameters: JSON.stringify(parameters),
    createdByType: kind === 'user' ? 'user' : 'service_account',
    createdById: id,
    createdByName: name ?? email,
  })) as OperationRow;
}
