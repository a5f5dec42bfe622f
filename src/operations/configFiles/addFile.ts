import { uuidv7 } from 'uuidv7';
import type { components } from '../../../generated/contract';
import type { FileContent, FileSettings } from '../../domain/config/file';
import { keysIn } from '../../domain/config/placeholders';
import { type FragmentPart, saveFragments } from '../../store/configFileFragments';
import { type ConfigFileWithText, findConfigFile, insertConfigFile } from '../../store/configFiles';
import { saveConfigFileKeys } from '../../store/configKeys';
import { type Answer, created, type WriteContext } from '../handler';
import { auditedFile } from './audited';
import { requireFreeName } from './requireFreeName';
import { contentValues, settingsOf } from './settings';
import { toConfigFile } from './view';

interface NewFile {
  environmentId: string;
  file: FileSettings;
  content: FileContent;
  parts: readonly FragmentPart[];
  /** Members that the request names. */
  named: readonly string[];
}

/** Adds a file that was found to be good, and answers it. */
export async function addFile(
  { tx, principal, keyring, audit }: WriteContext,
  { environmentId, file, content, parts, named }: NewFile,
): Promise<Answer<components['schemas']['ConfigFileResponse']>> {
  await requireFreeName(tx, principal, environmentId, file.name);
  const id = uuidv7();
  const fragmentIds = parts.map((part) => part.id);
  await insertConfigFile(tx, { id, environmentId, ...file, ...contentValues(content) });
  await saveFragments(tx, id, fragmentIds, false);
  const keys = keysIn(content.text ?? '');
  if (keys.length > 0) await saveConfigFileKeys(tx, id, keys);
  const row = (await findConfigFile(tx, id)) as ConfigFileWithText;
  await audit({
    action: 'create',
    resourceType: 'config_file',
    resourceId: id,
    resourceName: row.name,
    environmentId,
    details: auditedFile(null, { settings: settingsOf(row), checksum: row.checksum, fragmentIds }, named),
  });
  return created(`/api/config-files/${id}`, 'configFile', await toConfigFile(tx, keyring, row), row.version);
}
