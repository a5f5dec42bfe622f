import { environmentsInReach } from '../../domain/access/principal';
import { type Issue, invalid } from '../../domain/errors';
import { utcTimestamp } from '../../domain/timestamps';
import * as store from '../../store/audit';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toAuditRow } from './view';

export const listAuditLogs: Handler<'listAuditLogs'> = async (request, { db, principal }) => {
  const { query, page } = await request.page();
  const { environmentId, resourceType, resourceId, action, userId, success, q } = query;
  const [from, to] = timesOf(query);
  const found = await store.listAuditLogs(db, page, {
    environmentId: environmentsInReach(principal, environmentId),
    resourceType,
    resourceId,
    action,
    userId,
    success,
    from,
    to,
    q: q === undefined ? undefined : containing(q),
  });
  return json({ logs: found.rows.map(toAuditRow), total: found.total, nextCursor: found.nextCursor });
};

function timesOf(query: { from?: string | undefined; to?: string | undefined }): (string | undefined)[] {
  const issues: Issue[] = [];
  const times = (['from', 'to'] as const).map((field) => {
    const text = query[field];
    const time = text === undefined ? undefined : utcTimestamp(text);
    if (text !== undefined && time === undefined) {
      issues.push({ in: 'query', field, code: 'format', message: 'No calendar has this time.', hint: 'Write 2026-03-01T08:00:00Z.' });
    }
    return time;
  });
  if (issues.length > 0) throw invalid(issues);
  return times;
}
