import {
  type ComposeImage,
  type ComposeRendering,
  type ExposedPort,
  filesNotThere,
  fullImage,
  previewCompose,
} from '../../domain/config/compose';
import { missingHint } from '../../domain/config/placeholders';
import type { TemplateError } from '../../domain/config/serverLoops';
import { inEffectOn } from '../../domain/config/serviceFile';
import { hideSecrets } from '../../domain/config/values';
import { stateForbids } from '../../domain/errors';
import { isValidTag } from '../../domain/images/reference';
import type { Db } from '../../store/database';
import { checksumOf, type FileSourceRow, type FileValues, fileSourcesOf, renderSource } from '../../store/renderedFiles';
import type { PlacementRow } from '../../store/serviceDeployments';
import { attachmentsOfService } from '../../store/serviceFiles';
import type { ServiceRow } from '../../store/services';

/** A config file that a deploy would deliver to a placement. */
export interface DeliveredFile {
  source: FileSourceRow;
  targetPath: string;
}

/** The files in effect on a placement, in the order of their attachment. */
export async function filesOn(db: Db, placement: PlacementRow): Promise<DeliveredFile[]> {
  const attached = inEffectOn(placement.id, await attachmentsOfService(db, placement.service_id));
  if (attached.length === 0) return [];
  const sources = await fileSourcesOf(db, [...new Set(attached.map(({ config_file_id }) => config_file_id))]);
  const byId = new Map(sources.map((source) => [source.id, source]));
  return attached.flatMap(({ config_file_id, target_path: targetPath }) => {
    const source = byId.get(config_file_id);
    return source ? [{ source, targetPath }] : [];
  });
}

export interface ShownFile {
  name: string;
  content: string;
  checksum: string;
  targetPath: string;
  isBinary: boolean;
  missing: string[];
  errors: TemplateError[];
}

/** A file with its secrets hidden. Its checksum is that of the text as it is shown, so that it confirms no guess of a secret. */
export function showFile(
  { source, targetPath }: DeliveredFile,
  environment: string,
  { values, servers }: FileValues,
  mask: (text: string) => string,
): ShownFile {
  const shown = { name: source.name, targetPath, isBinary: source.is_binary };
  if (source.is_binary) return { ...shown, content: '', checksum: source.checksum, missing: [], errors: [] };
  const { text, missing, templateErrors } = renderSource(source, environment, { values: hideSecrets(values), servers });
  const content = mask(text);
  return { ...shown, content, checksum: checksumOf(content), missing, errors: templateErrors };
}

/** The compose document of a placement with its secrets hidden. */
export const showCompose = (
  service: ServiceRow,
  placement: PlacementRow,
  image: ComposeImage,
  files: readonly DeliveredFile[],
  { values }: FileValues,
): ComposeRendering =>
  previewCompose({
    serviceName: service.name,
    containerName: placement.container_name,
    template: service.compose_template,
    image,
    files: files.map(({ source, targetPath }) => ({ filename: source.filename, targetPath })),
    ports: placement.exposed_ports as unknown as ExposedPort[],
    baseEnv: service.base_env as Record<string, string>,
    envOverrides: placement.env_overrides as Record<string, string>,
    values,
  });

/** 409 with every error of the templates, when there are any. */
export function refuseBroken(
  documents: readonly { name: string; errors: readonly TemplateError[] }[],
  mask: (text: string) => string,
): void {
  const templateErrors = documents.flatMap(({ name, errors }) =>
    errors.map(({ line, column, message }) => ({ name, line, column, message: mask(message) })),
  );
  const [first] = templateErrors;
  if (!first) return;
  const message = `${first.name}, line ${first.line}: ${first.message}`;
  throw stateForbids(message, { templateErrors }, 'Correct the template, and ask again.');
}

/** What a deploy would refuse or do without. */
export function previewWarnings(
  template: string | null,
  image: ComposeImage,
  compose: ComposeRendering,
  files: readonly ShownFile[],
): string[] {
  const missing = (where: string, keys: readonly string[]) =>
    keys.map((key) => `${where} names \${${key}}, which has neither a var nor a secret. ${missingHint(key)}`);
  return [
    ...imageWarnings(image),
    ...filesNotThere(template ?? '', files.length).map((key) => `No attached file has the number of \${${key}}.`),
    ...compose.env.flatMap((variable) => missing(`The variable ${variable.key}`, variable.missing)),
    ...files.flatMap((file) => missing(`The config file ${file.name}`, file.missing)),
  ];
}

function imageWarnings(image: ComposeImage): string[] {
  if (image.digest !== null) return [];
  if (!isValidTag(image.tag)) return [`"${image.tag}" is no valid tag: a deploy refuses it.`];
  return [`The digest of ${fullImage(image)} is not known yet; a deploy asks the registry for it.`];
}
