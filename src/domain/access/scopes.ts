/** From the strongest to the weakest. */
export type Role = 'admin' | 'operator' | 'viewer';

const ranks: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 };

/** Whether `role` may do what `needed` may do. */
export const roleReaches = (role: Role, needed: Role): boolean => ranks[role] >= ranks[needed];

/** The weaker of two roles. */
export const weakerRole = (a: Role, b: Role): Role => (ranks[a] <= ranks[b] ? a : b);

/** Every scope with the lowest role that can hold it. */
export const scopes = {
  'environments:read': 'viewer',
  'environments:write': 'admin',
  'registries:read': 'viewer',
  'registries:write': 'operator',
  'images:read': 'viewer',
  'images:write': 'operator',
  'services:read': 'viewer',
  'services:write': 'operator',
  'servers:read': 'viewer',
  'servers:write': 'operator',
  'vars:read': 'viewer',
  'vars:write': 'operator',
  'secrets:read': 'viewer',
  'secrets:write': 'operator',
  'secrets:reveal': 'admin',
  'configs:read': 'viewer',
  'configs:write': 'operator',
  'types:read': 'viewer',
  'types:write': 'admin',
  'deploys:read': 'viewer',
  'deploys:write': 'operator',
  'databases:read': 'viewer',
  'databases:write': 'operator',
  'databases:restore': 'operator',
  'backups:download': 'operator',
  'droplets:read': 'viewer',
  'droplets:write': 'operator',
  'droplets:assign': 'operator',
  'droplets:repoint': 'admin',
  'webhooks:read': 'viewer',
  'webhooks:write': 'operator',
  'audit:read': 'viewer',
  'settings:read': 'viewer',
  'settings:write': 'admin',
  'users:manage': 'admin',
  'tokens:manage': 'admin',
  'admin:*': 'admin',
} as const satisfies Record<string, Role>;

export type Scope = keyof typeof scopes;

/** Whether a text names a scope. */
export const isScope = (text: string): text is Scope => Object.hasOwn(scopes, text);

/** All scopes that a role can hold; `admin:*` is the short form of all and left out. */
export const scopesOfRole = (role: Role): Scope[] =>
  (Object.keys(scopes) as Scope[]).filter((scope) => scope !== 'admin:*' && roleReaches(role, scopes[scope]));
