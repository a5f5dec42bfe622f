import { hasScope, type Principal } from '../access/principal';
import type { Role } from '../access/scopes';
import { Problem, stateForbids } from '../errors';

/** What can be changed of a user. */
export interface UserSettings {
  name: string | null;
  role: Role;
  disabled: boolean;
}

/** Absent keeps, null clears, a value sets. */
export interface UserPatch {
  name?: string | null | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

/** The settings after a patch. */
export const applyUserPatch = (present: UserSettings, patch: UserPatch): UserSettings => ({
  name: patch.name === undefined ? present.name : patch.name,
  role: patch.role ?? present.role,
  disabled: patch.disabled ?? present.disabled,
});

/** Whether a principal acts on the account that it stands for. */
export const isOwnAccount = (principal: Principal, userId: string): boolean =>
  principal.kind === 'user' && principal.id === userId;

/** 403 when somebody who is let in for being the user themselves changes what only an administrator may. */
export function requireMayChangeUser(principal: Principal, changed: readonly string[]): void {
  const member = changed.find((one) => one === 'role' || one === 'disabled');
  if (!member || hasScope(principal, 'users:manage')) return;
  throw new Problem('forbidden_role', {
    message: `Only an administrator changes the ${member === 'role' ? 'role of a user' : 'member disabled'}.`,
    field: member,
    hint: 'Ask an administrator.',
    details: { requiredRole: 'admin' },
  });
}

const isAdministrator = (user: UserSettings | null): boolean => user?.role === 'admin' && !user.disabled;

/** 409 when a change (null: a deletion) takes the last enabled administrator away. */
export function requireAdministratorLeft(before: UserSettings, after: UserSettings | null, otherAdministrators: number): void {
  if (!isAdministrator(before) || isAdministrator(after) || otherAdministrators > 0) return;
  throw stateForbids(
    'This is the last enabled administrator.',
    { state: 'last_administrator' },
    'Make another user an administrator first.',
  );
}
