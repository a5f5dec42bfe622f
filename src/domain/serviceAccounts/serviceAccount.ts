import type { Role } from '../access/scopes';
import { patchedText } from '../registries/registry';

/** What can be changed of a service account. */
export interface ServiceAccountSettings {
  description: string | null;
  role: Role;
  disabled: boolean;
}

/** Absent keeps, null clears, a value sets; `""` clears the description. */
export interface ServiceAccountPatch {
  description?: string | null | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

/** The settings after a patch. */
export const applyServiceAccountPatch = (
  present: ServiceAccountSettings,
  patch: ServiceAccountPatch,
): ServiceAccountSettings => ({
  description: patchedText(present.description, patch.description),
  role: patch.role ?? present.role,
  disabled: patch.disabled ?? present.disabled,
});
