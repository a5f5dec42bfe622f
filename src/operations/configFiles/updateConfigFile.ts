import { visible } from '../../domain/access/principal';
import { differingMembers } from '../../domain/changes';
import { requireUploadable } from '../../domain/config/contentSize';
import {
  applyFilePatch,
  contentBytes,
  type FileContent,
  type FilePatch,
  fileSizeIssues,
  missingContentIssues,
  parseContent,
} from '../../domain/config/file';
import { keyIssues, keysIn } from '../../domain/config/placeholders';
import { type Issue, inDocumentOrder, invalid } from '../../domain/errors';
import { keepFragments } from '../../store/configFileFragments';
import { lockConfigFile } from '../../store/configFiles';
import { type Handler, single, type WriteContext } from '../handler';
import { changeFile } from './changeFile';
import { fragmentParts } from './fragmentParts';
import { loopIssuesOfFile } from './loopIssues';
import { contentValues, settingsOf } from './settings';
import { toConfigFile } from './view';

export const updateConfigFile: Handler<'updateConfigFile'> = async (request, context) => {
  const { tx, principal, settings } = context;
  const { id } = request.path;
  const row = visible(principal, await lockConfigFile(tx, id), 'config file', id);
  const patch = request.body();
  const before = settingsOf(row);
  const after = applyFilePatch(before, patch);
  const { content, issues } = newContent(patch, after.isBinary);
  if (content) requireUploadable(contentBytes(content), settings().maxUploadSizeMb);
  issues.push(
    ...missingContentIssues(before, after, patch),
    ...keyIssues('content', keysIn(content?.text ?? '')),
    ...fileSizeIssues(patch.fileSize, content ? contentBytes(content) : row.file_size),
  );
  const fragmentIds = row.fragments.map(({ fragmentId }) => fragmentId);
  const fragments = await newFragments(
    context,
    { environmentId: row.environment_id, isBinary: after.isBinary },
    patch,
    fragmentIds,
  );
  issues.push(...fragments.issues);

  const values = content && contentValues(content);
  const contentChanged = values !== undefined && (values.checksum !== row.checksum || after.isBinary !== before.isBinary);
  const fragmentsChanged = fragments.ids.join() !== fragmentIds.join();
  if (issues.length === 0 && (contentChanged || fragmentsChanged)) {
    const text = content ? content.text : (row.content ?? undefined);
    issues.push(...(await loopIssuesOfFile(tx, principal, row.environment_id, text, fragments.parts)));
  }
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, patch));
  const present = await toConfigFile(context.tx, context.keyring, row);
  request.precondition(row.version, () => present);

  const changed = [
    ...differingMembers(before, after).filter((member) => member !== 'languageGiven'),
    ...(contentChanged ? ['content'] : []),
    ...(fragmentsChanged ? ['fragmentIds'] : []),
  ];
  if (changed.length === 0 && after.languageGiven === before.languageGiven) {
    return single('configFile', present, row.version);
  }
  const saved = await changeFile(context, row, {
    after,
    content: contentChanged ? values : undefined,
    fragmentIds: fragmentsChanged ? fragments.ids : undefined,
    changed,
  });
  return single('configFile', await toConfigFile(context.tx, context.keyring, saved), saved.version);
};

function newContent(patch: FilePatch, isBinary: boolean): { content?: FileContent; issues: Issue[] } {
  if (patch.content === undefined) return { issues: [] };
  const content = parseContent(patch.content, isBinary);
  return 'issue' in content ? { issues: [content.issue] } : { content, issues: [] };
}

/** The fragments that the file will be made of; those that it has are read again only for what a new content does with them. */
async function newFragments(
  { tx, principal }: WriteContext,
  file: { environmentId: string; isBinary: boolean },
  patch: FilePatch,
  present: string[],
) {
  if (patch.fragmentIds) {
    const { parts, issues } = await fragmentParts((ids) => keepFragments(tx, ids), principal, file, patch.fragmentIds);
    return { ids: parts.map(({ id }) => id), parts, issues };
  }
  if (file.isBinary && present.length > 0) {
    const message = 'A binary file is not made of fragments, and this one has some.';
    const hint = 'Send an empty list as fragmentIds, too.';
    return {
      ids: present,
      parts: [],
      issues: [{ in: 'body', field: 'isBinary', code: 'inconsistent', message, hint }] as Issue[],
    };
  }
  return { ids: present, parts: [], issues: [] };
}
