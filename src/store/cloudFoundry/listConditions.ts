import { type RawBuilder, sql } from 'kysely';
import type { TimeFilter } from '../../domain/cloudFoundry/listRequest';
import { isId } from '../../domain/ids';

/** A comma list of guids: values that are no uuid match nothing. */
export const byIds =
  (column: RawBuilder<string>) =>
  (values: readonly string[]): RawBuilder<boolean> =>
    sql<boolean>`${column} = any(array(
      select id::uuid from unnest(${values}::text[]) as wanted (id)
      where id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'))`;

/** A comma list of texts such as names or states. */
export const byTexts =
  (column: RawBuilder<string>) =>
  (values: readonly string[]): RawBuilder<boolean> =>
    sql<boolean>`${column} = any(${values}::text[])`;

/** All of the list belongs to the one organization there is. */
export const ofInstallation = (values: readonly string[]): RawBuilder<boolean> =>
  sql<boolean>`exists (select from installation where id::text = any(${values}::text[]))`;

/** The environments of `reach` (undefined = all) that a filter names. */
export function within(reach: readonly string[] | undefined, wanted: readonly string[]): string[] {
  const distinct = [...new Set(wanted)].filter(isId);
  return reach === undefined ? distinct : distinct.filter((id) => reach.includes(id));
}

/** What makes the condition of a time filter: null for none, no operator for equality. */
export type TimeForm = readonly ('lt' | 'lte' | 'gt' | 'gte')[] | null;

export const timeFormOf = (filter: TimeFilter | null): TimeForm =>
  filter && ('equal' in filter ? [] : filter.bounds.map(({ operator }) => operator));

/** The values of a filter, by the names under which `timeConditions` looks for them. */
export function timeValuesOf(name: string, filter: TimeFilter | null): Record<string, unknown> {
  if (filter === null) return {};
  if ('equal' in filter) return { [`${name}_equal`]: filter.equal };
  return Object.fromEntries(filter.bounds.map(({ at }, index) => [`${name}_${index}`, at]));
}

/** A named second reaches to the next one: `gt` starts behind it, and `lte` ends with it. */
export function timeConditions(
  name: string,
  column: RawBuilder<string>,
  wholeSeconds: boolean,
  form: TimeForm,
  values: Record<string, never>,
): RawBuilder<boolean>[] {
  if (form === null) return [];
  if (form.length === 0) {
    return [sql<boolean>`${secondOf(column, wholeSeconds)} = any(${values[`${name}_equal`]}::timestamptz[])`];
  }
  return form.map((operator, index) => {
    const at = sql`${values[`${name}_${index}`]}::timestamptz`;
    const next = sql`${at} + interval '1 second'`;
    if (operator === 'lt') return sql<boolean>`${column} < ${at}`;
    if (operator === 'lte') return sql<boolean>`${column} < ${next}`;
    return operator === 'gt' ? sql<boolean>`${column} >= ${next}` : sql<boolean>`${column} >= ${at}`;
  });
}

/** The second of a time, which is all that /v3 knows of it. */
export const secondOf = (column: RawBuilder<string>, wholeSeconds: boolean): RawBuilder<string> =>
  wholeSeconds ? column : sql<string>`date_trunc('second', ${column})`;
