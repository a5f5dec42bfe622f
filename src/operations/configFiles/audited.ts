import { changeDetails } from '../../domain/changes';
import type { FileSettings } from '../../domain/config/file';

/** A file as an audit row tells of it: its content only by its checksum, since it can be long and is not for every reader. */
export interface AuditedFile {
  settings: FileSettings;
  checksum: string;
  fragmentIds: readonly string[];
}

/** Old and new values of the changed members. */
export function auditedFile(before: AuditedFile | null, after: AuditedFile, changed: readonly string[]) {
  const shown = ({ settings, checksum, fragmentIds }: AuditedFile) => {
    const { languageGiven: _, ...members } = settings;
    return { ...members, fragmentIds, ...(changed.includes('content') ? { checksum } : {}) };
  };
  const named = changed.includes('content') ? [...changed, 'checksum'] : changed;
  return { ...changeDetails(before ? shown(before) : {}, shown(after), named), changed: [...changed] };
}
