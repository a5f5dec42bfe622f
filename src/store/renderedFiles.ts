import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { composedParts, type Part } from '../domain/config/composition';
import { masker } from '../domain/config/mask';
import { keysIn } from '../domain/config/placeholders';
import { type RenderedFile, renderFile } from '../domain/config/renderFile';
import { environmentsNamedIn, type LoopServer } from '../domain/config/serverLoops';
import type { Values } from '../domain/config/values';
import { type OpenedSecrets, openSecrets, openValues, secretsOf, valuesOf } from './configValues';
import type { Db } from './database';
import { loopServersOf } from './loopServers';
import type { Keyring } from './sealing';
import { statement } from './statement';

/** What a config file is composed of. Of a binary one only the checksum of its bytes is known. */
export interface FileSourceRow {
  id: string;
  name: string;
  filename: string;
  language: string;
  is_binary: boolean;
  content: string | null;
  checksum: string;
  fragments: Part[];
}

const byIds = statement<{ ids: string[] }, FileSourceRow>(
  (_, v) => sql<FileSourceRow>`
    select id, name, filename, language, is_binary, content, checksum, (
      select coalesce(json_agg(json_build_object('name', part.name, 'content', part.content) order by used.position), '[]')
      from config_file_fragments used join config_fragments part on part.id = used.fragment_id
      where used.config_file_id = config_files.id) as fragments
    from config_files where id = any(${v.ids}::uuid[])`,
);

/** The sources of some config files. */
export const fileSourcesOf = (db: Db, ids: readonly string[]): Promise<FileSourceRow[]> => byIds.all(db, { ids: [...ids] });

/** What an environment lends to the texts that are rendered in it. */
export interface EnvironmentSources {
  values: Values;
  servers: LoopServer[];
  /** Secrets among the values. */
  opened: OpenedSecrets;
}

/** The values and servers that some texts of an environment name; `keys` are named elsewhere. */
export async function environmentSourcesOf(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  texts: readonly string[],
  keys: readonly string[] = [],
): Promise<EnvironmentSources> {
  const named = [...new Set([...keys, ...texts.flatMap(keysIn)])];
  const opened: OpenedSecrets = new Map();
  const values = named.length === 0 ? new Map() : openValues(keyring, await valuesOf(db, environmentId, named), opened);
  const hasLoops = texts.some((text) => /range\s+servers/.test(text));
  const servers = hasLoops ? await loopServersOf(db, environmentId, texts.flatMap(environmentsNamedIn)) : [];
  return { values, servers, opened };
}

/** Hides every secret of an environment; those that are open already are not opened again. */
export async function environmentMaskOf(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  opened: OpenedSecrets,
): Promise<(text: string) => string> {
  return masker(openSecrets(keyring, await secretsOf(db, environmentId), opened));
}

/** The texts that a file is composed of; their placeholders and loops are still in them. */
export const textsOf = ({ fragments, content, language, is_binary }: FileSourceRow): string[] =>
  composedParts(fragments, content ?? '', language, is_binary);

/** What a file is rendered with. */
export type FileValues = Pick<EnvironmentSources, 'values' | 'servers'>;

/** A file with the values and servers of its environment, whose name decides over loops. */
export function renderSource(source: FileSourceRow, environment: string, { values, servers }: FileValues): RenderedFile {
  const { fragments, content, language, is_binary } = source;
  return renderFile({ fragments, own: content ?? '', language, isBinary: is_binary, servers, environment, values });
}

/** SHA-256 in hexadecimal digits. */
export const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The checksum of a file as it would be delivered now; null when it cannot be rendered whole. */
function deliverableChecksum(source: FileSourceRow, environment: string, sources: FileValues): string | null {
  if (source.is_binary) return source.checksum;
  const { text, missing, templateErrors } = renderSource(source, environment, sources);
  return missing.length > 0 || templateErrors.length > 0 ? null : checksumOf(text);
}

const nameOf = statement<{ id: string }, { name: string }>((db, { id }) =>
  db.selectFrom('environments').select('name').where('id', '=', id),
);

/** The name of an environment, which decides over loops. */
export const environmentNameOf = async (db: Db, id: string): Promise<string> => (await nameOf.first(db, { id }))?.name ?? '';

/** Checksums of some files of one environment as they would be delivered now, by id. */
export async function deliverableChecksums(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  fileIds: readonly string[],
): Promise<Map<string, string | null>> {
  if (fileIds.length === 0) return new Map();
  const files = await fileSourcesOf(db, fileIds);
  const environment = await environmentNameOf(db, environmentId);
  const sources = await environmentSourcesOf(db, keyring, environmentId, files.flatMap(textsOf));
  return new Map(files.map((file) => [file.id, deliverableChecksum(file, environment, sources)]));
}
