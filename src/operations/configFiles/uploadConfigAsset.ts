import { requireEnvironmentInReach } from '../../domain/access/principal';
import { applyFilePatch, newFile } from '../../domain/config/file';
import { filenameIssue } from '../../domain/config/filename';
import { invalid } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import type { Handler } from '../handler';
import { addFile } from './addFile';

export const uploadConfigAsset: Handler<'uploadConfigAsset'> = async (request, context) => {
  const { tx, principal } = context;
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const { file: uploaded, name, description, ...given } = request.body();

  const filename = given.filename ?? uploaded.filename ?? name;
  const issue = filenameIssue(filename);
  if (issue) throw invalid([issue]);
  const { mimeType } = uploaded;
  const file = applyFilePatch(newFile, { name, filename, description, isBinary: true, mimeType });
  const named = ['file', 'name', 'filename', 'mimeType', 'isBinary', ...(description === undefined ? [] : ['description'])];
  return addFile(context, { environmentId: envId, file, content: { bytes: uploaded.bytes }, parts: [], named });
};
