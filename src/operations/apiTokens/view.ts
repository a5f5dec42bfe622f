import type { components } from '../../../generated/contract';
import { type Principal, seesEnvironment } from '../../domain/access/principal';
import type { ApiTokenRow } from '../../store/apiTokens';

type ApiToken = components['schemas']['ApiToken'];

/** What clients see of a token: never the token. A reader who is limited to environments sees the names of no others. */
export function toApiToken(row: ApiTokenRow, reader: Principal): ApiToken {
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    user: row.owner_user,
    serviceAccountId: row.service_account_id,
    serviceAccount: row.owner_service_account,
    role: row.role as ApiToken['role'],
    scopes: row.scopes,
    allEnvironments: row.all_environments,
    environments: row.environments.filter(({ id }) => seesEnvironment(reader, id)),
    expiresAt: row.expires_at,
    tokenPrefix: row.token_prefix,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
