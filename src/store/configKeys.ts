import { sql } from 'kysely';
import type { Tx } from './database';
import { statement } from './statement';

/** Which keys a text names, kept beside it: usage is asked by key, and reading all texts for it would be slow. */
const places = {
  config_file_keys: 'config_file_id',
  config_fragment_keys: 'fragment_id',
  service_keys: 'service_id',
  service_deployment_keys: 'service_deployment_id',
} as const;

// Keys that stay are not touched, so that saving the same text again writes nothing.
const replaceIn = (table: keyof typeof places) =>
  statement<{ owner: string; keys: string[] }, never>((_, v) => {
    const owner = sql.ref(places[table]);
    return sql`
      with gone as (
        delete from ${sql.table(table)} where ${owner} = ${v.owner}::uuid and key <> all(${v.keys}::text[]))
      insert into ${sql.table(table)} (${owner}, key)
      select distinct ${v.owner}::uuid, named.key from unnest(${v.keys}::text[]) as named (key)
      where not exists (select from ${sql.table(table)} as kept where kept.${owner} = ${v.owner}::uuid and kept.key = named.key)`;
  });

const ofFile = replaceIn('config_file_keys');
const ofFragment = replaceIn('config_fragment_keys');
const ofService = replaceIn('service_keys');
const ofPlacement = replaceIn('service_deployment_keys');

/** The keys that the own content of a config file names, in place of those that were known. */
export async function saveConfigFileKeys(tx: Tx, configFileId: string, keys: readonly string[]): Promise<void> {
  await ofFile.all(tx, { owner: configFileId, keys: [...keys] });
}

/** The keys that a config fragment names. */
export async function saveConfigFragmentKeys(tx: Tx, fragmentId: string, keys: readonly string[]): Promise<void> {
  await ofFragment.all(tx, { owner: fragmentId, keys: [...keys] });
}

/** The keys that the environment variables and the compose template of a service name. */
export async function saveServiceKeys(tx: Tx, serviceId: string, keys: readonly string[]): Promise<void> {
  await ofService.all(tx, { owner: serviceId, keys: [...keys] });
}

/** The keys that the environment variables of a placement name. */
export async function saveServiceDeploymentKeys(tx: Tx, serviceDeploymentId: string, keys: readonly string[]): Promise<void> {
  await ofPlacement.all(tx, { owner: serviceDeploymentId, keys: [...keys] });
}
