import { type AliasedRawBuilder, type RawBuilder, sql } from 'kysely';
import type { MetadataChange } from '../../domain/cloudFoundry/metadata';
import type { Tx } from '../database';
import { statement } from '../statement';

/** What has labels and annotations. */
export type MetadataType = 'organization' | 'space' | 'app' | 'process' | 'package' | 'build' | 'droplet' | 'deployment';

const tables = { labels: sql.table('labels'), annotations: sql.table('annotations') };

// Prefixes and names hold ASCII only: ordered by bytes they are ordered as in the domain, whatever the database's collation.
const entriesOf = (kind: keyof typeof tables, type: MetadataType, id: RawBuilder<string>) =>
  sql<Record<string, string>>`(
    select coalesce(json_object_agg(case prefix when '' then name else prefix || '/' || name end, value
      order by prefix collate "C", name collate "C"), '{}')
    from ${tables[kind]} where resource_type = ${sql.lit(type)} and resource_id = ${id})`;

/** Two select columns (`labels`, `annotations`, JSON objects with keys in order) for rows whose id is `id`. */
export const metadataColumns = (
  type: MetadataType,
  id: RawBuilder<string>,
): [AliasedRawBuilder<Record<string, string>, 'labels'>, AliasedRawBuilder<Record<string, string>, 'annotations'>] => [
  entriesOf('labels', type, id).as('labels'),
  entriesOf('annotations', type, id).as('annotations'),
];

interface ChangeValues {
  type: MetadataType;
  id: string;
  changes: string;
}

const removal = (kind: keyof typeof tables, v: ChangeValues) => sql`
  delete from ${tables[kind]} present using changes
  where kind = ${sql.lit(kind)} and changes.value is null and resource_type = ${v.type} and resource_id = ${v.id}::uuid
    and present.prefix = changes.prefix and present.name = changes.name`;

const addition = (kind: keyof typeof tables, v: ChangeValues) => sql`
  insert into ${tables[kind]} as present (resource_type, resource_id, prefix, name, value)
  select ${v.type}::text, ${v.id}::uuid, prefix, name, value from changes where kind = ${sql.lit(kind)} and value is not null
  on conflict (resource_type, resource_id, prefix, name) do update set value = excluded.value
  where present.value <> excluded.value`;

// No key is removed and written in one change, so that the order of these parts, which nobody knows, does not matter.
const save = statement<ChangeValues, never>(
  (_, v) => sql<never>`
  with changes as (
    select * from json_to_recordset(${v.changes}::json) change(kind text, prefix text, name text, value text)),
  removed_labels as (${removal('labels', v)}),
  removed_annotations as (${removal('annotations', v)}),
  added_labels as (${addition('labels', v)})
  ${addition('annotations', v)}`,
);

/** Writes the change; the caller has locked the resource's row (`for update`) and applied the limits. One statement. */
export async function saveMetadata(tx: Tx, type: MetadataType, id: string, change: MetadataChange): Promise<void> {
  const changes = (['labels', 'annotations'] as const).flatMap((kind) => change[kind].map((one) => ({ kind, ...one })));
  if (changes.length > 0) await save.all(tx, { type, id, changes: JSON.stringify(changes) });
}
