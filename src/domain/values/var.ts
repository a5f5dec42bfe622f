import { patchedText } from '../registries/registry';

/** What a user sets on a var that can change later. */
export interface VarSettings {
  value: string;
  description: string | null;
}

/** Absent keeps, null clears, a value sets; `""` clears the description. */
export interface VarPatch {
  value?: string | undefined;
  description?: string | null | undefined;
}

/** The settings after a patch. */
export const applyVarPatch = (present: VarSettings, patch: VarPatch): VarSettings => ({
  value: patch.value ?? present.value,
  description: patchedText(present.description, patch.description),
});

/** What the audit tells of a var: people keep credentials in vars too, so a value shows by name only. */
export const auditedVar = ({ description }: VarSettings) => ({ description });
