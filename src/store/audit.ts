import { type Kysely, type Selectable, sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import type { AuditLogs, DB } from '../../generated/database';
import type { Principal } from '../domain/access/principal';
import { type EventType, isTold } from '../domain/events/event';
import type { PageRequest } from '../domain/lists/cursor';
import { type Db, defer, type Tx } from './database';
import { eventData } from './events';
import { type ListSpec, listPage, oneOrMany } from './list';
import { type Statement, statement } from './statement';

/** One change, as the handler tells it. */
export interface AuditEntry {
  /** `create`, `update`, `delete`, or a verb. */
  action: string;
  resourceType: string;
  resourceId?: string | null;
  resourceName?: string | null;
  environmentId?: string | null;
  /** Only for an environment that is gone by now; the name of any other is looked up. */
  environmentName?: string;
  /** Names of changed members, and old and new values of those that are no secrets. */
  details?: Record<string, unknown>;
  success?: boolean;
  error?: string;
}

/** Who and where; filled in by the edge. */
export interface AuditSource {
  operationId: string;
  requestId: string;
  /** null when nobody was recognised. */
  principal: Pick<Principal, 'kind' | 'id' | 'email' | 'name' | 'credential'> | null;
}

interface AuditValues {
  id: string;
  action: string;
  operationId: string;
  resourceType: string;
  resourceId: string | null;
  resourceName: string | null;
  details: string | null;
  success: boolean;
  error: string | null;
  requestId: string;
  userId: string | null;
  userEmail: string | null;
  userName: string | null;
  environmentId: string | null;
  environmentName: string | null;
  apiTokenId: string | null;
  serviceAccountId: string | null;
  /** JSON of the event that tells of the change; null = none does. */
  event: string | null;
}

const resourceChanged: EventType = 'resource_changed';

/** The row and its event travel as one statement: the second insert costs the server microseconds, a round trip far more. */
const insert = statement<AuditValues, never>(
  (db, v) =>
    db
      .with('told', (cte) =>
        cte
          .insertInto('events')
          .columns(['type', 'environment_id', 'resource_type', 'data'] as never)
          .expression(
            sql`
        select ${sql.lit(resourceChanged)}, ${v.environmentId}::uuid, ${v.resourceType}::text, ${v.event}::text
        where ${v.event}::text is not null` as never,
          ),
      )
      .insertInto('audit_logs')
      .values({
        id: v.id,
        action: v.action,
        operation_id: v.operationId,
        resource_type: v.resourceType,
        resource_id: v.resourceId,
        resource_name: v.resourceName,
        details: v.details,
        success: v.success,
        error: v.error,
        request_id: v.requestId,
        user_id: v.userId,
        user_email: v.userEmail,
        user_name: v.userName,
        environment_id: v.environmentId,
        environment_name: sql`coalesce(${v.environmentName}, (select name from environments where id = ${v.environmentId}))`,
        api_token_id: v.apiTokenId,
        service_account_id: v.serviceAccountId,
      }) as never,
);

/** Writes one audit row, and the event for whoever listens, in the transaction of the change that they tell of. */
export async function recordAudit(tx: Tx, source: AuditSource, entry: AuditEntry): Promise<void> {
  const { principal } = source;
  const { action, resourceType, resourceId = null, environmentId = null, success = true } = entry;
  const told = isTold({ success, action, resourceType, resourceId });
  const row = insert.all(tx, {
    id: uuidv7(),
    action,
    operationId: source.operationId,
    resourceType,
    resourceId,
    resourceName: entry.resourceName ?? null,
    details: entry.details ? JSON.stringify(entry.details) : null,
    success,
    error: entry.error ?? null,
    requestId: source.requestId,
    userId: principal?.kind === 'user' ? principal.id : null,
    userEmail: principal?.email ?? null,
    userName: principal?.name ?? null,
    environmentId,
    environmentName: entry.environmentName ?? null,
    apiTokenId: principal?.credential.kind === 'apiToken' ? principal.credential.id : null,
    serviceAccountId: principal?.kind === 'serviceAccount' ? principal.id : null,
    event: told ? eventData(environmentId, { resourceType, resourceId, action }) : null,
  });
  defer(tx, row);
}

/** An object whose secret somebody asked for. */
interface Holder {
  environment_id: string;
  name: string;
}
const holders: Record<RevealedType, Statement<{ id: string }, Holder>> = {
  environment: statement((_, v) => sql<Holder>`select id as environment_id, name from environments where id = ${v.id}`),
  secret: statement((_, v) => sql<Holder>`select environment_id, key as name from secrets where id = ${v.id}`),
};

/** Kinds of objects that hold what can be revealed. */
export type RevealedType = 'environment' | 'secret';

/** Writes that a secret was asked for in vain. Whoever refuses need not know the object, nor whether there is one. */
export async function recordRefusedReveal(
  tx: Tx,
  source: AuditSource,
  refused: { resourceType: RevealedType; resourceId: string; error: string; details: Record<string, unknown> },
): Promise<void> {
  const { resourceType, resourceId } = refused;
  const holder = await holders[resourceType].first(tx, { id: resourceId });
  const place = { resourceName: holder?.name ?? null, environmentId: holder?.environment_id ?? null };
  await recordAudit(tx, source, { ...refused, ...place, action: 'reveal', success: false });
}

export type AuditRow = Selectable<AuditLogs>;

const list: ListSpec<AuditRow> = {
  name: 'audit_logs',
  rows: ((db: Kysely<DB>) => db.selectFrom('audit_logs').selectAll('audit_logs')) as never,
  countable: (db) => db.selectFrom('audit_logs') as never,
  id: sql`audit_logs.id`,
  sort: { createdAt: { expression: sql`audit_logs.created_at`, type: 'timestamp' } },
  filters: {
    environmentId: (id: string) => sql<boolean>`audit_logs.environment_id = ${id}`,
    environmentIds: (ids: string[]) => sql<boolean>`audit_logs.environment_id = any(${ids})`,
    resourceType: (type: string) => sql<boolean>`audit_logs.resource_type = ${type}`,
    resourceTypes: (types: string[]) => sql<boolean>`audit_logs.resource_type = any(${types})`,
    resourceId: (id: string) => sql<boolean>`audit_logs.resource_id = ${id}`,
    resourceIds: (ids: string[]) => sql<boolean>`audit_logs.resource_id = any(${ids})`,
    action: (action: string) => sql<boolean>`audit_logs.action = ${action}`,
    actions: (actions: string[]) => sql<boolean>`audit_logs.action = any(${actions})`,
    userId: (id: string) => sql<boolean>`audit_logs.user_id = ${id}`,
    userIds: (ids: string[]) => sql<boolean>`audit_logs.user_id = any(${ids})`,
    // Written out, so that the index over failures fits.
    failed: () => sql<boolean>`not audit_logs.success`,
    succeeded: () => sql<boolean>`audit_logs.success`,
    from: (time: string) => sql<boolean>`audit_logs.created_at >= ${time}`,
    to: (time: string) => sql<boolean>`audit_logs.created_at < ${time}`,
    q: (pattern: string) => sql<boolean>`audit_logs.resource_name ilike ${pattern}`,
  },
  counted: 'audit_logs',
  countedBy: {
    environmentId: (id: string) => sql<boolean>`environment_id = ${id}`,
    environmentIds: (ids: string[]) => sql<boolean>`environment_id = any(${ids})`,
  },
  merged: { filter: 'environmentIds', column: sql`audit_logs.environment_id` },
};

export interface AuditFilters {
  environmentId?: string[] | undefined;
  resourceType?: string[] | undefined;
  resourceId?: string[] | undefined;
  action?: string[] | undefined;
  userId?: string[] | undefined;
  success?: boolean | undefined;
  /** Inclusive. */
  from?: string | undefined;
  /** Exclusive. */
  to?: string | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the audit rows of some or all environments. */
export function listAuditLogs(db: Db, page: PageRequest, filters: AuditFilters) {
  const { environmentId, resourceType, resourceId, action, userId, success, ...others } = filters;
  return listPage(db, list, page, {
    ...oneOrMany('environmentId', environmentId),
    ...oneOrMany('resourceType', resourceType),
    ...oneOrMany('resourceId', resourceId),
    ...oneOrMany('action', action),
    ...oneOrMany('userId', userId),
    ...(success === undefined ? {} : { [success ? 'succeeded' : 'failed']: true }),
    ...others,
  });
}
