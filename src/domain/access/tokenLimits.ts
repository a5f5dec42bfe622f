import { type Issue, Problem } from '../errors';
import { hasScope, type Principal } from './principal';
import { type Role, roleReaches, type Scope, scopes as scopeTable } from './scopes';

/** What a token may do, as somebody wishes it. */
export interface TokenLimits {
  role: Role;
  /** null = every scope of the role. */
  scopes: readonly Scope[] | null;
  allEnvironments: boolean;
  environmentIds: readonly string[];
}

/** What no token of an owner can be, whoever makes it. Without an owner, the rules that need none. */
export function checkTokenLimits(limits: TokenLimits, ownerRole: Role | undefined): Issue[] {
  const issues: Issue[] = [];
  const wrong = (field: string, code: Issue['code'], message: string, hint: string) =>
    issues.push({ in: 'body', field, code, message, hint });
  if (ownerRole && !roleReaches(ownerRole, limits.role)) {
    const message = `The owner has the role ${ownerRole}; a token of theirs cannot have ${limits.role}.`;
    wrong('role', 'inconsistent', message, `Use ${ownerRole} or a weaker role, or raise the owner first.`);
  }
  limits.scopes?.forEach((scope, index) => {
    if (roleReaches(limits.role, scopeTable[scope])) return;
    const message = `${scope} needs the role ${scopeTable[scope]}; this token has ${limits.role}.`;
    wrong(`scopes[${index}]`, 'inconsistent', message, 'Leave the scope out, or give the token that role.');
  });
  if (!limits.allEnvironments && limits.environmentIds.length === 0) {
    const message = 'This member is required unless allEnvironments is true.';
    wrong('environmentIds', 'required', message, 'Name the environments, or set allEnvironments to true.');
  }
  if (limits.allEnvironments && limits.environmentIds.length > 0) {
    const message = 'A token for all environments is not limited to some.';
    wrong('environmentIds', 'inconsistent', message, 'Leave environmentIds out, or allEnvironments.');
  }
  return issues;
}

/**
 * 403 when a token would reach further than the credential that makes it. A credential with a list of scopes makes only
 * tokens with a list: what `null` stands for grows with Portolan.
 */
export function requireNotWider(principal: Principal, limits: TokenLimits): void {
  const { role, scopes, environmentIds } = principal;
  if (!roleReaches(role, limits.role)) {
    throw wider(`the role ${limits.role}; it has ${role} itself`, { requiredRole: limits.role });
  }
  if (limits.scopes === null && scopes !== null && !scopes.includes('admin:*')) {
    throw wider('every scope of a role; it has a list itself', {});
  }
  const scope = limits.scopes?.find((one) => !hasScope(principal, one));
  if (scope) throw wider(`the scope ${scope}, which it does not have itself`, { requiredScope: scope });
  if (environmentIds === null) return;
  if (limits.allEnvironments || limits.environmentIds.some((id) => !environmentIds.has(id))) {
    throw wider('environments that it is not limited to itself', {});
  }
}

const wider = (what: string, details: object) =>
  new Problem('forbidden_scope', {
    message: `This credential cannot create a token with ${what}.`,
    hint: 'Ask for less, or create the token with a credential that reaches as far.',
    details: { ...details, reason: 'wider_than_credential' },
  });

/** 403 for an API token that may not make tokens; a login makes them for its user without a scope. */
export function requireMayCreateOwnTokens(principal: Principal): void {
  if (principal.credential.kind !== 'apiToken' || hasScope(principal, 'tokens:manage')) return;
  throw new Problem('forbidden_scope', {
    message: 'createMyApiToken needs the scope tokens:manage, which this token does not have.',
    hint: 'Log in and create the token with that login.',
    details: { requiredScope: 'tokens:manage' },
  });
}
