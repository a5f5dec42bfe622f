import { visible } from '../../domain/access/principal';
import { requireUploadable } from '../../domain/config/contentSize';
import { renderFile } from '../../domain/config/renderFile';
import { hideSecrets } from '../../domain/config/values';
import { type Issue, inDocumentOrder, invalid, stateForbids } from '../../domain/errors';
import { referenceIssues } from '../../domain/references';
import { findConfigFile } from '../../store/configFiles';
import { previewParts } from '../../store/configPreview';
import { environmentMaskOf, environmentSourcesOf } from '../../store/renderedFiles';
import { type Handler, json } from '../handler';
import { fragmentParts } from './fragmentParts';
import { loopIssuesOfFile } from './loopIssues';
import { toConfigFile } from './view';

export const previewConfigFile: Handler<'previewConfigFile'> = async (request, { tx, principal, keyring, settings }) => {
  const { id } = request.path;
  const row = visible(principal, await findConfigFile(tx, id), 'config file', id);
  const { content, fragmentIds, serviceDeploymentId } = request.body();
  if (content !== undefined) requireUploadable(Buffer.byteLength(content), settings().maxUploadSizeMb);
  const environmentId = row.environment_id;
  const asked = fragmentIds?.map((one) => one.toLowerCase()) ?? row.fragments.map((one) => one.fragmentId);
  const read = await previewParts(tx, {
    environmentId,
    fragmentIds: asked,
    serviceDeploymentId: serviceDeploymentId ?? null,
  });
  if (!read) throw new Error('the environment of a config file is gone');

  const file = { environmentId, isBinary: row.is_binary };
  const { parts, issues } = await fragmentParts(async () => read.fragments, principal, file, fragmentIds ?? asked);
  const own = content ?? row.content ?? '';
  issues.push(...placementIssues(serviceDeploymentId));
  // What is stored was judged when it was saved.
  if (content !== undefined || fragmentIds !== undefined) {
    const unsaved = fragmentIds === undefined ? [] : parts;
    issues.push(...(await loopIssuesOfFile(tx, principal, environmentId, content ?? '', unsaved)));
  }
  if (issues.length > 0 && !row.is_binary) throw invalid(inDocumentOrder(issues, request.body()));
  const present = await toConfigFile(tx, keyring, row);
  request.precondition(row.version, () => present);
  if (row.is_binary) {
    throw stateForbids('A binary file is delivered as it is.', { state: 'binary' }, 'Download it with downloadConfigFile.');
  }

  const texts = [...parts.map((part) => part.content), own];
  const { values, servers, opened } = await environmentSourcesOf(tx, keyring, environmentId, texts);
  const rendered = renderFile({
    fragments: parts,
    own,
    language: row.language,
    isBinary: false,
    servers,
    environment: read.environment,
    values: hideSecrets(values),
  });
  const mask = await environmentMaskOf(tx, keyring, environmentId, opened);
  return json({ content: mask(rendered.text), missing: rendered.missing, templateErrors: rendered.templateErrors });

  function placementIssues(placementId: string | undefined): Issue[] {
    if (placementId === undefined) return [];
    const found = read?.placement_environment_id ? { environment_id: read.placement_environment_id } : undefined;
    return referenceIssues({ field: 'serviceDeploymentId', noun: 'placement', id: placementId }, found, environmentId, principal);
  }
};
