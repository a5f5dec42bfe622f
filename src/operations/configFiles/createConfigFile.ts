import { requireEnvironmentInReach } from '../../domain/access/principal';
import { requireUploadable } from '../../domain/config/contentSize';
import { applyFilePatch, contentBytes, fileSizeIssues, newFile, parseContent } from '../../domain/config/file';
import { keyIssues, keysIn } from '../../domain/config/placeholders';
import { inDocumentOrder, invalid } from '../../domain/errors';
import { keepFragments } from '../../store/configFileFragments';
import { requireEnvironment } from '../../store/environments';
import type { Handler } from '../handler';
import { addFile } from './addFile';
import { fragmentParts } from './fragmentParts';
import { loopIssuesOfFile } from './loopIssues';

export const createConfigFile: Handler<'createConfigFile'> = async (request, context) => {
  const { tx, principal, settings } = context;
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();

  const file = applyFilePatch(newFile, body);
  const content = parseContent(body.content, file.isBinary);
  const of = { environmentId: envId, isBinary: file.isBinary };
  const { parts, issues } = await fragmentParts((ids) => keepFragments(tx, ids), principal, of, body.fragmentIds ?? []);
  if ('issue' in content) throw invalid(inDocumentOrder([content.issue, ...issues], body));
  requireUploadable(contentBytes(content), settings().maxUploadSizeMb);
  issues.push(
    ...fileSizeIssues(body.fileSize, contentBytes(content)),
    ...keyIssues('content', keysIn(content.text ?? '')),
    ...(await loopIssuesOfFile(tx, principal, envId, content.text, parts)),
  );
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, body));
  return addFile(context, { environmentId: envId, file, content, parts, named: Object.keys(body) });
};
