import { type RawBuilder, sql } from 'kysely';
import type { Requirement } from '../../domain/cloudFoundry/labelSelector';
import type { Db } from '../database';
import { type Statement, statement } from '../statement';
import type { MetadataType } from './metadata';

/** All resources that a selector finds are among these. */
export interface Candidates {
  ids: string[];
  /** The selector that picks from them, as JSON. */
  requirements: string;
}

/** Up to so many resources are candidates; beyond, a selector is not selective. */
const candidatesMax = 1000;
/** So many are looked for first where there are many requirements: to read a thousand of each takes its time. */
const fewCandidates = 100;
const fewLookups = 4;
/** Requirements with more values are not asked for candidates: each value is looked up for itself. */
const valuesMax = 20;

interface Lookups {
  type: MetadataType;
  lookups: string;
}

// The limit stands in the text, so that the planner expects no more rows than there will be. The orders are those of the
// index `labels_by_value`, so that it is read as far as the limit and nothing else ever is.
function rarestOf(limit: number): Statement<Lookups, { ids: string[] }> {
  const having = (v: Lookups) =>
    sql`select resource_id from labels where resource_type = ${v.type} and prefix = asked.prefix and name = asked.name`;
  return statement(
    (_, v) => sql<{ ids: string[] }>`
    select coalesce(array_agg(resource_id) filter (where resource_id is not null), '{}') as ids
    from json_to_recordset(${v.lookups}::json) asked(requirement int, prefix text, name text, value text)
    left join lateral (
      (${having(v)} and value = asked.value order by resource_id limit ${sql.lit(limit + 1)})
      union all
      (${having(v)} and asked.value is null order by value, resource_id limit ${sql.lit(limit + 1)})) found on true
    group by requirement having count(resource_id) <= ${sql.lit(limit)}
    order by count(resource_id) limit 1`,
  );
}
const rarestOfFew = rarestOf(fewCandidates);
const rarest = rarestOf(candidatesMax);

/**
 * The resources among which all are that a selector finds: those of its rarest requirement. null when none is rare, or
 * none says what must be there. Rarity is counted and not estimated: statistics do not know which values go with which
 * keys, and a page that is sought along an index because many rows should match takes seconds where few do.
 */
export async function selectorCandidates(
  db: Db,
  type: MetadataType,
  selector: readonly Requirement[],
): Promise<Candidates | null> {
  const lookups = selector.flatMap((requirement, index): { value: string | null }[] => {
    const { key, operator } = requirement;
    const asked = { requirement: index, ...key };
    if (!('values' in requirement)) return operator === 'exists' ? [{ ...asked, value: null }] : [];
    const values = [...new Set(requirement.values)];
    return operator === 'in' && values.length <= valuesMax ? values.map((value) => ({ ...asked, value })) : [];
  });
  if (lookups.length === 0) return null;
  const values = { type, lookups: JSON.stringify(lookups) };
  const [few] = lookups.length > fewLookups ? await rarestOfFew.all(db, values) : [];
  const [found] = few ? [few] : await rarest.all(db, values);
  return found ? { ids: found.ids, requirements: requirementsText(selector) } : null;
}

const requirementsText = (selector: readonly Requirement[]): string =>
  JSON.stringify(
    selector.map(({ key, operator, ...rest }) => ({
      ...key,
      ...rest,
      wanted: operator === 'exists' || operator === 'in',
    })),
  );

/**
 * Conditions of a selector that has candidates, over rows with this id: each candidate is looked up in the primary key of
 * `labels` for each requirement. They are the same text for all selectors. The offset keeps the planner from a join.
 */
export const candidateConditions = (
  type: MetadataType,
  id: RawBuilder<string>,
  { ids, requirements }: Candidates,
): RawBuilder<boolean>[] => [
  sql<boolean>`${id} = any(${ids}::uuid[])`,
  sql<boolean>`not exists (
    select from json_to_recordset(${requirements}::json) asked(prefix text, name text, "values" text[], wanted boolean)
    where wanted <> exists (
      select from labels where resource_type = ${sql.lit(type)} and resource_id = ${id} and prefix = asked.prefix
        and name = asked.name and ("values" is null or value = any("values")) offset 0)
    offset 0)`,
];

/** So many requirements are left to the planner as joins; the time it takes grows much faster than their number. */
const joinsMax = 3;

/**
 * Conditions of a selector without candidates, over rows with this id. What must be there is a plain join, since a
 * resource has a key once, and what must not an anti-join, so that the planner may begin wherever it likes.
 */
export function selectorConditions(
  type: MetadataType,
  id: RawBuilder<string>,
  selector: readonly Requirement[],
): RawBuilder<boolean>[] {
  return selector.flatMap((requirement, index) => {
    const { key, operator } = requirement;
    const named = sql`select resource_id from labels
      where resource_type = ${sql.lit(type)} and prefix = ${key.prefix} and name = ${key.name}`;
    const isPositive = operator === 'exists' || operator === 'in';
    if ('values' in requirement && requirement.values.length === 0) return isPositive ? sql<boolean>`false` : [];
    const found = 'values' in requirement ? sql`${named} and value = any(${requirement.values}::text[])` : named;
    if (isPositive && index < joinsMax) return sql<boolean>`${id} in (${found})`;
    // With the offset it is looked up for each row, and no join.
    const probe = sql`exists (${found} and resource_id = ${id}${index < joinsMax ? sql`` : sql` offset 0`})`;
    return isPositive ? sql<boolean>`${probe}` : sql<boolean>`not ${probe}`;
  });
}
