import { changeDetails } from '../../domain/changes';
import type { FragmentSettings } from '../../domain/config/fragment';

/** What an audit row tells of a change: of the content only that it changed, since it can be long and is not for every reader. */
export function auditedFragment(before: FragmentSettings | null, after: FragmentSettings, changed: readonly string[]) {
  const shown = ({ name, description }: FragmentSettings) => ({ name, description });
  return changeDetails(before ? shown(before) : {}, shown(after), changed);
}
