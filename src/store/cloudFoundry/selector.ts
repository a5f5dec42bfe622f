import { type RawBuilder, sql } from 'kysely';
import type { Requirement } from '../../domain/cloudFoundry/labelSelector';
import type { Db } from '../database';
import { statement } from '../statement';
import type { MetadataType } from './metadata';

/** Up to so many resources are candidates; beyond, a selector is not selective. */
const candidatesMax = 1000;
/** Requirements with more values are not asked for candidates: each value is looked up for itself. */
const valuesMax = 20;

interface Asked {
  type: MetadataType;
  requirements: string;
}

// The limits stand in the text, so that the planner expects no more rows than there will be. The orders are those of the
// index `labels_by_value`, so that it is read as far as the limit and nothing else ever is.
const having = (v: Asked) =>
  sql`select resource_id from labels where resource_type = ${v.type} and prefix = asked.prefix and name = asked.name`;
const rarest = statement<Asked, { ids: string[] }>(
  (_, v) => sql<{ ids: string[] }>`
  select coalesce(array_agg(resource_id) filter (where resource_id is not null), '{}') as ids
  from json_to_recordset(${v.requirements}::json) asked(requirement int, prefix text, name text, value text)
  left join lateral (
    (${having(v)} and value = asked.value order by resource_id limit ${sql.lit(candidatesMax + 1)})
    union all
    (${having(v)} and asked.value is null order by value, resource_id limit ${sql.lit(candidatesMax + 1)})) found on true
  group by requirement having count(resource_id) <= ${sql.lit(candidatesMax)}
  order by count(resource_id) limit 1`,
);

/**
 * The resources among which all are that a selector finds: those of its rarest requirement. null when none is rare, or
 * none says what must be there. Rarity is counted and not estimated: statistics do not know which values go with which
 * keys, and a page that is sought along an index because many rows should match takes seconds where few do.
 */
export async function selectorCandidates(db: Db, type: MetadataType, selector: readonly Requirement[]): Promise<string[] | null> {
  const requirements = selector.flatMap((requirement, index): { value: string | null }[] => {
    const { key, operator } = requirement;
    const asked = { requirement: index, ...key };
    if (!('values' in requirement)) return operator === 'exists' ? [{ ...asked, value: null }] : [];
    const values = [...new Set(requirement.values)];
    return operator === 'in' && values.length <= valuesMax ? values.map((value) => ({ ...asked, value })) : [];
  });
  if (requirements.length === 0) return null;
  const [found] = await rarest.all(db, { type, requirements: JSON.stringify(requirements) });
  return found?.ids ?? null;
}

/** So many requirements are left to the planner as joins; the time it takes grows much faster than their number. */
const joinsMax = 3;

/**
 * Conditions of a selector over rows with this id. With candidates, each of them is looked up in the primary key of
 * `labels` for each requirement. Without, what must be there is a plain join, since a resource has a key once, and what
 * must not an anti-join, so that the planner may begin wherever it likes.
 * @param candidates what `selectorCandidates` gave for this selector
 */
export function selectorConditions(
  type: MetadataType,
  id: RawBuilder<string>,
  selector: readonly Requirement[],
  candidates: readonly string[] | null = null,
): RawBuilder<boolean>[] {
  const conditions = selector.flatMap((requirement, index) => {
    const { key, operator } = requirement;
    const named = sql`select resource_id from labels
      where resource_type = ${sql.lit(type)} and prefix = ${key.prefix} and name = ${key.name}`;
    const isPositive = operator === 'exists' || operator === 'in';
    if ('values' in requirement && requirement.values.length === 0) return isPositive ? sql<boolean>`false` : [];
    const found = 'values' in requirement ? sql`${named} and value = any(${requirement.values}::text[])` : named;
    const not = isPositive ? sql`` : sql`not `;
    // The offset keeps the planner from making a join of it.
    const isJoin = candidates === null && index < joinsMax;
    if (!isJoin) return sql<boolean>`${not}exists (${found} and resource_id = ${id} offset 0)`;
    return isPositive ? sql<boolean>`${id} in (${found})` : sql<boolean>`not exists (${found} and resource_id = ${id})`;
  });
  return candidates === null ? conditions : [sql<boolean>`${id} = any(${candidates}::uuid[])`, ...conditions];
}
