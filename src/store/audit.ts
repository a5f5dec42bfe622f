import { sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import type { Principal } from '../domain/access/principal';
import { defer, type Tx } from './database';
import { statement } from './statement';

/** One change, as the handler tells it. */
export interface AuditEntry {
  /** `create`, `update`, `delete`, or a verb. */
  action: string;
  resourceType: string;
  resourceId?: string | null;
  resourceName?: string | null;
  environmentId?: string | null;
  /** Names of changed members, and old and new values of those that are no secrets. */
  details?: Record<string, unknown>;
  success?: boolean;
  error?: string;
}

/** Who and where; filled in by the edge. */
export interface AuditSource {
  operationId: string;
  requestId: string;
  principal: Principal | null;
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
  apiTokenId: string | null;
  serviceAccountId: string | null;
}

const insert = statement<AuditValues, never>((db, v) =>
  db.insertInto('audit_logs').values({
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
    environment_name: sql`(select name from environments where id = ${v.environmentId})`,
    api_token_id: v.apiTokenId,
    service_account_id: v.serviceAccountId,
  }) as never,
);

/** Writes one audit row in the transaction of the change that it tells of. */
export async function recordAudit(tx: Tx, source: AuditSource, entry: AuditEntry): Promise<void> {
  const { principal } = source;
  const row = insert.all(tx, {
    id: uuidv7(),
    action: entry.action,
    operationId: source.operationId,
    resourceType: entry.resourceType,
    resourceId: entry.resourceId ?? null,
    resourceName: entry.resourceName ?? null,
    details: entry.details ? JSON.stringify(entry.details) : null,
    success: entry.success ?? true,
    error: entry.error ?? null,
    requestId: source.requestId,
    userId: principal?.kind === 'user' ? principal.id : null,
    userEmail: principal?.email ?? null,
    userName: principal?.name ?? null,
    environmentId: entry.environmentId ?? null,
    apiTokenId: principal?.credential.kind === 'apiToken' ? principal.credential.id : null,
    serviceAccountId: principal?.kind === 'serviceAccount' ? principal.id : null,
  });
  defer(tx, row);
}
