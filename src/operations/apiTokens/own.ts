import type { Principal } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import type { ApiTokenRow } from '../../store/apiTokens';

/** The token, if it belongs to the user or service account of this principal; else 404. */
export function requireOwn(principal: Principal, row: ApiTokenRow | undefined, id: string): ApiTokenRow {
  const ownerId = principal.kind === 'user' ? row?.user_id : row?.service_account_id;
  if (!row || ownerId !== principal.id) throw notFound('API token', id);
  return row;
}
