import type { components } from '../../../generated/contract';
import type { Role } from '../../domain/access/scopes';
import type { UserSettings } from '../../domain/users/user';
import type { UserRow } from '../../store/users';

type User = components['schemas']['User'];

/** What clients see of a user: never the hash of the password. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role as Role,
    disabled: row.disabled,
    lastActiveAt: row.last_active_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A stored user as the domain sees them. */
export const settingsOf = (row: UserRow): UserSettings => ({ name: row.name, role: row.role as Role, disabled: row.disabled });
