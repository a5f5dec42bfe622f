import { sql } from 'kysely';
import { hidden, type Value, type Values } from '../domain/config/values';
import { openSecrets } from './configValues';
import type { Db } from './database';
import type { Keyring } from './sealing';
import { statement } from './statement';

/** What a preview is composed of, as of one moment. */
export interface PreviewSource {
  environment_id: string;
  /** Name of the environment. */
  environment: string;
  version: number;
  is_binary: boolean;
  language: string;
  content: string | null;
  /** Those that were asked for, in any order; else those of the file in theirs. */
  fragments: { id: string; environment_id: string; name: string; content: string }[];
  /** The environment of the placement that was asked for; null when there is none. */
  placement_environment_id: string | null;
}

interface Asked {
  id: string;
  /** null: those that the file has. */
  fragmentIds: readonly string[] | null;
  serviceDeploymentId: string | null;
}

const source = statement<Asked, PreviewSource>(
  (_, v) => sql<PreviewSource>`
    select file.environment_id, environments.name as environment, file.version, is_binary, language, content,
      (select coalesce(json_agg(json_build_object('id', part.id, 'environment_id', part.environment_id, 'name', part.name,
          'content', part.content) order by used.position), '[]')
        from config_fragments part
        left join config_file_fragments used on used.config_file_id = file.id and used.fragment_id = part.id
        where part.id in (
          select fragment_id from config_file_fragments where config_file_id = file.id and ${v.fragmentIds}::uuid[] is null
          union all select unnest(${v.fragmentIds}::uuid[]))) as fragments,
      (select services.environment_id from service_deployments placed join services on services.id = placed.service_id
        where placed.id = ${v.serviceDeploymentId}::uuid) as placement_environment_id
    from config_files file join environments on environments.id = file.environment_id
    where file.id = ${v.id}`,
);

/** A config file with what its preview is composed of, or undefined. */
export const findPreviewSource = (db: Db, asked: Asked): Promise<PreviewSource | undefined> => source.first(db, asked);

interface ValueRow {
  key: string;
  var_value: string | null;
  secret_id: string | null;
  value_sealed: string | null;
}

const values = statement<{ environmentId: string; keys: readonly string[] }, ValueRow>(
  (_, v) => sql<ValueRow>`
    select key, value as var_value, null::uuid as secret_id, null as value_sealed
    from vars where environment_id = ${v.environmentId}::uuid and key in (select unnest(${v.keys}::text[]))
    union all
    select key, null, id, value_sealed from secrets where environment_id = ${v.environmentId}::uuid`,
);

/**
 * The values of keys for eyes that may not see secrets, and every secret of the environment for the mask. A secret that
 * stands for a key is not opened for it: it is `***`, however short.
 */
export async function shownValues(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  keys: readonly string[],
): Promise<{ shown: Values; secrets: string[] }> {
  const rows = await values.all(db, { environmentId, keys });
  const shown = new Map<string, Value>();
  const sealed: { id: string; value_sealed: string }[] = [];
  // Secrets come last, so they win.
  for (const { key, var_value, secret_id, value_sealed } of rows) {
    if (var_value !== null) shown.set(key, { value: var_value, secret: false });
    else if (secret_id !== null && value_sealed !== null) {
      shown.set(key, { value: hidden, secret: true });
      sealed.push({ id: secret_id, value_sealed });
    }
  }
  return { shown, secrets: openSecrets(keyring, sealed) };
}
