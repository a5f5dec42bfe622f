import { notFound, Problem } from '../errors';
import { type Role, roleReaches, type Scope, scopesOfRole, scopes as scopeTable } from './scopes';

/** Who a request acts as, with everything that limits it; made from a credential by `auth`. */
export interface Principal {
  kind: 'user' | 'serviceAccount';
  id: string;
  /** Address of a user; a service account has one that no mail reaches. */
  email: string;
  name: string | null;
  /** What is enforced: the weaker of the credential's role and the owner's. */
  role: Role;
  /** null = every scope of the role. */
  scopes: readonly Scope[] | null;
  /** null = every environment. */
  environmentIds: ReadonlySet<string> | null;
  /** `access`: by an access token that was made from it, and ends before it. */
  credential: { kind: 'login' | 'apiToken'; id: string; access?: { id: string; expiresAtMs: number } };
  /** The installation takes changes from admins only. */
  installationSuspended: boolean;
}

/** What an operation asks of a principal; from the contract's `x-permission`. */
export interface Permission {
  role: 'public' | 'any' | Role;
  scope: string | null;
  /** Any of these scopes will do. */
  anyScope?: readonly string[];
  environment: 'path' | 'resource' | 'body' | 'query' | 'none';
  /** The user whom the path names may act without role and scope. */
  self?: boolean;
}

export type Verdict =
  | { allowed: true }
  | { allowed: false; missing: 'role'; requiredRole: Role }
  | { allowed: false; missing: 'scope'; requiredScope: string }
  | { allowed: false; missing: 'allEnvironments' };

const allowed: Verdict = { allowed: true };

/** Role, then scope, then - for writes that concern the whole installation - freedom of environment limits. */
export function judge(principal: Principal, permission: Permission, write: boolean, pathId?: string): Verdict {
  if (permission.role === 'public' || permission.role === 'any') return allowed;
  const self = permission.self === true && principal.kind === 'user' && pathId === principal.id && principal.scopes === null;
  if (!self && !roleReaches(principal.role, permission.role)) {
    return { allowed: false, missing: 'role', requiredRole: permission.role };
  }
  if (!self && permission.scope !== null && !hasScope(principal, permission.scope)) {
    return { allowed: false, missing: 'scope', requiredScope: permission.scope };
  }
  if (permission.anyScope && !permission.anyScope.some((scope) => hasScope(principal, scope))) {
    return { allowed: false, missing: 'scope', requiredScope: permission.anyScope[0] as string };
  }
  if (write && permission.environment === 'none' && principal.environmentIds !== null) {
    return { allowed: false, missing: 'allEnvironments' };
  }
  return allowed;
}

/** Whether a scope is enforced as held: by the token's list, or by the role when there is no list. */
export function hasScope(principal: Principal, scope: string): boolean {
  const needed = scopeTable[scope as Scope] as Role | undefined;
  if (needed === undefined || !roleReaches(principal.role, needed)) return false;
  if (principal.scopes === null) return true;
  return principal.scopes.includes(scope as Scope) || (principal.scopes.includes('admin:*') && principal.role === 'admin');
}

/** Every scope that the principal has, written out. */
export const effectiveScopes = (principal: Principal): Scope[] =>
  scopesOfRole(principal.role).filter((scope) => hasScope(principal, scope));

/** A text that is the same for two credentials exactly when they stand for the same owner and may do the same. */
export function limitsOf({ kind, id, credential, role, scopes, environmentIds }: Principal): string {
  const environments = environmentIds && [...environmentIds].sort();
  return JSON.stringify([kind, id, credential.kind, role, scopes && [...scopes].sort(), environments]);
}

/** The object that a name collides with, for whoever may read it; others only learn that the name is taken. */
export function ifReadable<Reference>(principal: Principal, scope: Scope, reference: Reference): Reference | undefined {
  return hasScope(principal, scope) ? reference : undefined;
}

/** Whether objects of an environment exist for this principal; null stands for objects of no environment. */
export function seesEnvironment(principal: Principal, environmentId: string | null): boolean {
  return principal.environmentIds === null || (environmentId !== null && principal.environmentIds.has(environmentId));
}

/**
 * The row, if it is there and in an environment of the principal; else 404, so that what is hidden cannot be told from
 * what is not there.
 */
export function visible<Row extends { environment_id: string }>(
  principal: Principal,
  row: Row | undefined,
  noun: string,
  id: string,
): Row {
  if (!row || !seesEnvironment(principal, row.environment_id)) throw notFound(noun, id);
  return row;
}

/** Refuses (403) a request that asks for more than its operation's own scope opens. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (hasScope(principal, scope)) return;
  throw new Problem('forbidden_scope', {
    message: `What is asked for needs the scope ${scope}, which this token does not have.`,
    hint: 'Ask for less, or create a token that lists this scope.',
    details: { requiredScope: scope },
  });
}

/** 404 for an environment in the path that lies outside the principal's; costs no statement. */
export function requireEnvironmentInReach(principal: Principal, environmentId: string): void {
  if (!seesEnvironment(principal, environmentId)) throw notFound('environment', environmentId);
}

/** As `visible`, for an environment itself. */
export function visibleEnvironment<Row extends { id: string }>(principal: Principal, row: Row | undefined, id: string): Row {
  if (!row || !seesEnvironment(principal, row.id)) throw notFound('environment', id);
  return row;
}

/**
 * The environments that a list across environments is bounded by: those of the principal, and of the ones that a filter
 * names. undefined = none, so rows of no environment are among the list too.
 */
export function environmentsInReach({ environmentIds }: Principal, wanted?: readonly string[]): string[] | undefined {
  if (wanted === undefined) return environmentIds === null ? undefined : [...environmentIds];
  const distinct = [...new Set(wanted.map((id) => id.toLowerCase()))];
  return distinct.filter((id) => environmentIds === null || environmentIds.has(id));
}
