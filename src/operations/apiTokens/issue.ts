import { uuidv7 } from 'uuidv7';
import { hashApiToken, newApiToken, prefixOf } from '../../auth/apiTokens';
import { type Principal, seesEnvironment } from '../../domain/access/principal';
import type { Role } from '../../domain/access/scopes';
import { tokenExpiry } from '../../domain/access/tokenExpiry';
import { checkTokenLimits, requireNotWider, type TokenLimits } from '../../domain/access/tokenLimits';
import { type Issue, invalid } from '../../domain/errors';
import { isId } from '../../domain/ids';
import { type ApiTokenRow, insertApiToken, knownEnvironments } from '../../store/apiTokens';
import type { Tx } from '../../store/database';
import type { BodyOf, WriteContext } from '../handler';

export interface TokenOwner {
  userId: string | null;
  serviceAccountId: string | null;
  ownerRole: Role;
}

/**
 * Checks a wish against its owner and its maker, and makes the token. First what no such token can be (400), then what
 * this credential may not make (403).
 * @param ownerIssues what is wrong with the owner, when there is none
 */
export async function issueToken(
  { tx, principal, audit, now }: WriteContext,
  body: BodyOf<'createMyApiToken'>,
  owner: TokenOwner | undefined,
  ownerIssues: Issue[] = [],
): Promise<{ token: string; row: ApiTokenRow }> {
  const limits: TokenLimits = {
    role: body.role,
    scopes: body.scopes ?? null,
    allEnvironments: body.allEnvironments ?? false,
    environmentIds: body.environmentIds ?? [],
  };
  const expiry = tokenExpiry(body, now());
  const issues = [...ownerIssues, ...checkTokenLimits(limits, owner?.ownerRole), ...('issue' in expiry ? [expiry.issue] : [])];
  issues.push(...(await environmentIssues(tx, principal, limits.environmentIds)));
  if (issues.length > 0 || !owner || 'issue' in expiry) throw invalid(issues);
  requireNotWider(principal, limits);

  const token = newApiToken();
  const values = {
    id: uuidv7(),
    name: body.name,
    token_hash: hashApiToken(token),
    token_prefix: prefixOf(token),
    user_id: owner.userId,
    service_account_id: owner.serviceAccountId,
    role: limits.role,
    scopes: limits.scopes,
    all_environments: limits.allEnvironments,
    expires_at: expiry.expiresAt.toISOString(),
  };
  const row = await insertApiToken(tx, values, limits.environmentIds);
  await audit({
    action: 'create',
    resourceType: 'api_token',
    resourceId: row.id,
    resourceName: row.name,
    details: { changed: Object.keys(body), after: { ...owner, ...limits, expiresAt: row.expires_at } },
  });
  return { token, row };
}

/** Environments that are nowhere. One that the maker does not see is not looked up: it is refused as out of reach. */
async function environmentIssues(tx: Tx, principal: Principal, ids: readonly string[]): Promise<Issue[]> {
  const visible = ids.filter((id) => isId(id) && seesEnvironment(principal, id));
  const known = visible.length > 0 ? await knownEnvironments(tx, visible) : new Set();
  return ids.flatMap((id, index) => {
    if (known.has(id) || (isId(id) && !seesEnvironment(principal, id))) return [];
    const hint = 'List the environments, and use one of their ids.';
    return [
      {
        in: 'body' as const,
        field: `environmentIds[${index}]`,
        code: 'unknown_reference' as const,
        message: 'There is no such environment.',
        hint,
      },
    ];
  });
}
