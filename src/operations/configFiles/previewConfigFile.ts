import { type Principal, visible } from '../../domain/access/principal';
import { requireUploadable } from '../../domain/config/contentSize';
import { masker } from '../../domain/config/mask';
import { keyIssues, keysIn } from '../../domain/config/placeholders';
import { renderFile } from '../../domain/config/renderFile';
import { environmentsNamedIn } from '../../domain/config/serverLoops';
import { type Issue, inDocumentOrder, invalid, stateForbids } from '../../domain/errors';
import { referenceIssues } from '../../domain/references';
import { type ConfigFileWithText, findConfigFile } from '../../store/configFiles';
import { findPreviewSource, type PreviewSource, shownValues } from '../../store/configPreview';
import { loopServersOf } from '../../store/loopServers';
import { type Handler, json } from '../handler';
import { fragmentParts } from './fragmentParts';
import { loopIssuesOfFile } from './loopIssues';
import { toConfigFile } from './view';

export const previewConfigFile: Handler<'previewConfigFile'> = async (request, context) => {
  const { tx, principal, keyring, settings } = context;
  const { id } = request.path;
  const wanted = wishes(() => request.body());
  const asked = { id, fragmentIds: wanted.fragmentIds ?? null, serviceDeploymentId: wanted.serviceDeploymentId ?? null };
  const source = visible(principal, await findPreviewSource(tx, asked), 'config file', id);
  const { content, fragmentIds, serviceDeploymentId } = request.body();
  if (content !== undefined) requireUploadable(Buffer.byteLength(content), settings().maxUploadSizeMb);

  const { environment_id: environmentId, is_binary: isBinary, fragments } = source;
  const ids = fragmentIds ?? fragments.map((part) => part.id);
  const { parts, issues } = await fragmentParts(async () => fragments, principal, { environmentId, isBinary }, ids);
  issues.push(...placementIssues(principal, source, serviceDeploymentId), ...keyIssues('content', keysIn(content ?? '')));
  // What is stored was judged when it was saved.
  const unsaved = fragmentIds === undefined ? [] : parts;
  issues.push(...(await loopIssuesOfFile(tx, principal, environmentId, content ?? '', unsaved)));
  if (issues.length > 0 && !isBinary) throw invalid(inDocumentOrder(issues, request.body()));
  const bound = request.header('if-match') !== undefined;
  const present = bound ? await toConfigFile(tx, keyring, (await findConfigFile(tx, id)) as ConfigFileWithText) : undefined;
  request.precondition(source.version, () => present);
  if (isBinary) {
    throw stateForbids('A binary file is delivered as it is.', { state: 'binary' }, 'Download it with downloadConfigFile.');
  }

  const own = content ?? source.content ?? '';
  const texts = [...parts.map((part) => part.content), own];
  const { shown, secrets } = await shownValues(tx, keyring, environmentId, [...new Set(texts.flatMap(keysIn))]);
  const hasLoops = texts.some((text) => text.includes('{{'));
  const servers = hasLoops ? await loopServersOf(tx, environmentId, texts.flatMap(environmentsNamedIn)) : [];
  const { language, environment } = source;
  const rendered = renderFile({ fragments: parts, own, language, isBinary, servers, environment, values: shown });
  const { missing, templateErrors } = rendered;
  return json({ content: masker(secrets)(rendered.text), missing, templateErrors });
};

interface Wishes {
  fragmentIds?: string[] | undefined;
  serviceDeploymentId?: string | undefined;
}

/** What a body asks for, as far as it is good: a bad one is told behind an unknown file. */
function wishes(body: () => Wishes): Wishes {
  try {
    return body();
  } catch {
    return {};
  }
}

function placementIssues(principal: Principal, source: PreviewSource, id: string | undefined): Issue[] {
  if (id === undefined) return [];
  const found = source.placement_environment_id === null ? undefined : { environment_id: source.placement_environment_id };
  return referenceIssues({ field: 'serviceDeploymentId', noun: 'placement', id }, found, source.environment_id, principal);
}
