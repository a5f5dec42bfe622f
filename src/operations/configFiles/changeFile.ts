import { uuidv7 } from 'uuidv7';
import type { FileSettings } from '../../domain/config/file';
import { keysIn } from '../../domain/config/placeholders';
import { saveFragments } from '../../store/configFileFragments';
import { type ConfigFileWithText, type ContentValues, replaceContent, updateConfigFileRow } from '../../store/configFiles';
import { saveConfigFileKeys } from '../../store/configKeys';
import type { WriteContext } from '../handler';
import { auditedFile } from './audited';
import { requireFreeName } from './requireFreeName';
import { settingsOf } from './settings';

interface Change {
  after: FileSettings;
  /** Left out: it stays. */
  content?: ContentValues | undefined;
  /** Left out: they stay. */
  fragmentIds?: readonly string[] | undefined;
  /** Names of the members that differ. */
  changed: readonly string[];
  action?: string;
}

/** Saves a change of a locked file; gives it as it is then. The old content joins the history. */
export async function changeFile(
  { tx, principal, audit }: WriteContext,
  row: ConfigFileWithText,
  { after, content, fragmentIds, changed, action = 'update' }: Change,
): Promise<ConfigFileWithText> {
  const { id } = row;
  if (changed.includes('name')) await requireFreeName(tx, principal, row.environment_id, after.name);
  const before = row.fragments.map(({ fragmentId }) => fragmentId);
  if (fragmentIds) await saveFragments(tx, id, fragmentIds, before.length > 0);
  if (content) await saveConfigFileKeys(tx, id, keysIn(content.content ?? ''));
  const values = { id, ...after };
  const saved = content
    ? await replaceContent(tx, { ...values, ...content, versionId: uuidv7(), editedBy: principal.email })
    : await updateConfigFileRow(tx, values);
  await audit({
    action,
    resourceType: 'config_file',
    resourceId: id,
    resourceName: saved.name,
    environmentId: saved.environment_id,
    details: auditedFile(
      { settings: settingsOf(row), checksum: row.checksum, fragmentIds: before },
      { settings: after, checksum: saved.checksum, fragmentIds: fragmentIds ?? before },
      changed,
    ),
  });
  return saved;
}
