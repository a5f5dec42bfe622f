import type { components } from '../../../generated/contract';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import * as store from '../../store/healthLogs';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';

type Schemas = components['schemas'];
type HealthLog = Schemas['HealthLog'];

export const listHealthLogs: Handler<'listHealthLogs'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listHealthLogs(db, page, {
    environmentId: envId,
    hours: query.hours as number,
    resourceType: query.type?.map((type) => (type === 'service' ? 'service_deployment' : type)),
    checkType: query.checkType,
    status: query.status,
    resourceId: query.resourceId,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({
    logs: found.rows.map(toHealthLog),
    total: found.total,
    page: page.after === null ? Math.floor(page.offset / page.limit) + 1 : null,
    limit: page.limit,
    totalPages: Math.ceil(found.total / page.limit),
    nextCursor: found.nextCursor,
    summary: toSummary(found.once.outcomes ?? []),
  });
};

const toHealthLog = (row: store.HealthLogRow): HealthLog => ({
  id: row.id,
  environmentId: row.environment_id,
  resourceType: row.resource_type as HealthLog['resourceType'],
  resourceId: row.resource_id,
  resourceName: row.resource_name,
  checkType: row.check_type as HealthLog['checkType'],
  status: row.status as HealthLog['status'],
  durationMs: row.duration_ms,
  httpStatus: row.http_status,
  errorMessage: row.error_message,
  createdAt: row.created_at,
});

function toSummary(counts: readonly store.OutcomeCount[]): Schemas['HealthLogList']['summary'] {
  const outcomesOf = (resourceType: string): Schemas['HealthOutcomes'] => {
    const count = (status: string) =>
      counts.find((one) => one.resourceType === resourceType && one.status === status)?.count ?? 0;
    return { success: count('success'), failure: count('failure'), timeout: count('timeout') };
  };
  return { server: outcomesOf('server'), service: outcomesOf('service_deployment'), container: outcomesOf('container') };
}
