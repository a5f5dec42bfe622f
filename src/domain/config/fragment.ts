import { patchedText } from '../registries/registry';

/** What a user sets. */
export interface FragmentSettings {
  name: string;
  description: string | null;
  content: string;
}

/** Absent keeps, null clears, a value sets; `""` clears the description, and is content as any other. */
export interface FragmentPatch {
  name?: string | undefined;
  description?: string | null | undefined;
  content?: string | undefined;
}

/** The settings after a patch. */
export const applyFragmentPatch = (present: FragmentSettings, patch: FragmentPatch): FragmentSettings => ({
  name: patch.name ?? present.name,
  description: patchedText(present.description, patch.description),
  content: patch.content ?? present.content,
});
