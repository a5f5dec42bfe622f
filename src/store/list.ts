import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { DB } from '../../generated/database';
import { invalid } from '../domain/errors';
import { type CursorValue, encodeCursor, type PageRequest } from '../domain/lists/cursor';
import { utcTimestamp } from '../domain/timestamps';
import type { Db } from './database';
import { type Statement, statement } from './statement';

type Expression<T = unknown> = RawBuilder<T>;

/** A member that a list can be sorted by: an expression that is never null, with an index behind it. */
export interface SortColumn {
  expression: Expression;
  /** `number` is an integer of 32 bits. */
  type: 'text' | 'timestamp' | 'boolean' | 'number';
}

/**
 * How one list is read: in one statement that gives the page, the exact total and whether the parent is there.
 * Filters take their value as a placeholder; each is used only when a value is given.
 */
export interface ListSpec<Row, Once extends object = object> {
  name: string;
  /** The rows with their computed columns, without order, limit and filters. */
  rows: (db: Kysely<DB>) => SelectQueryBuilder<DB, never, Row>;
  /** The same tables without columns, for counting; joins that filters need are in it. */
  countable: (db: Kysely<DB>) => SelectQueryBuilder<DB, never, object>;
  id: Expression<string>;
  sort: Record<string, SortColumn>;
  filters: Record<string, (value: never) => Expression<boolean>>;
  /** Filters that are always given: they bound the list, and a counted total is bounded by the same. */
  parent?: {
    table: 'environments' | 'service_types' | 'database_types' | 'container_images' | 'services' | 'servers';
    filter: string;
  };
  /**
   * Totals come from `list_counts` under this name while only filters are given that it can answer too, or from an
   * expression over the parent's id while only the parent is given.
   */
  counted?: string | ((parentId: string) => Expression<number>);
  /** These filters over the columns of `list_counts`; left out, it is the one of the parent environment. */
  countedBy?: Record<string, (value: never) => Expression<boolean>>;
  /**
   * A filter by several environments. An index gives rows in order within one of them only, so the page is merged from
   * one page of each; its values are distinct.
   */
  merged?: { filter: string; column: Expression<string> };
  /** The bytes of what can be large in a row. A page ends behind the row that makes them more than `fullPageBytes`. */
  weight?: Expression<number>;
  /**
   * What belongs to the list and not to a row, by the parent's id and the value of a filter that is always given: read once
   * with the page instead of with each row.
   */
  once?: { [Name in keyof Once]: (parentId: string, given: (filter: string) => never) => Expression<Once[Name]> };
}

export interface ListPage<Row, Once extends object = object> {
  rows: Row[];
  /** A member is null when nothing was read for it, as on an empty page. */
  once: { [Name in keyof Once]: Once[Name] | null };
  total: number;
  nextCursor: string | null;
  /** false when the parent of the list is not there. */
  parentExists: boolean;
}

interface PageRow {
  list_total: number;
  list_parent: boolean;
  list_row: boolean | null;
  /** With a weight: how many rows there were before the page was full. */
  list_fetched?: number | null;
  [column: string]: unknown;
}

/** A page holds its rows in memory, as text and as JSON; without a bound a list of large texts would fill all there is. */
export const fullPageBytes = 32 * 1024 * 1024;

const statements = new Map<string, Statement<Record<string, unknown>, PageRow>>();
const statementLimit = 1000;

/**
 * Page sizes that stand in the statement itself: what clients send when they do not choose. For a limit that it cannot
 * see the planner expects a tenth of the table and so plans again at each call, which takes longer than many a page.
 */
const writtenLimits = new Set([100, 1000]);

/**
 * Reads one page. `filters` holds the values of the filters to apply, undefined ones are left out.
 * Statements are compiled once for each combination of sort and filters.
 */
export async function listPage<Row, Once extends object = object>(
  db: Db,
  spec: ListSpec<Row, Once>,
  page: PageRequest,
  filters: Record<string, unknown>,
): Promise<ListPage<Row, Once>> {
  requireSuitableCursor(spec, page);
  const given = Object.keys(filters).filter((name) => filters[name] !== undefined);
  const limit = writtenLimits.has(page.limit) ? page.limit : null;
  const shape = JSON.stringify([spec.name, page.sort, given, page.after !== null, limit, page.offset > 0]);
  let prepared = statements.get(shape);
  if (!prepared) {
    prepared = statement((builder, values) => pageQuery(builder, spec, page, given, values as never));
    if (statements.size < statementLimit) statements.set(shape, prepared);
  }
  const values: Record<string, unknown> = { limit: page.limit + 1, offset: page.offset };
  for (const name of given) values[`filter_${name}`] = filters[name];
  page.after?.forEach((value, index) => {
    values[`after_${index}`] = value;
  });
  return pageOf(spec, page, await prepared.all(db, values));
}

/** A forged cursor is a 400, not a failing statement. */
function requireSuitableCursor(spec: Pick<ListSpec<unknown>, 'sort'>, page: PageRequest): void {
  const suits = page.sort.every(({ member }, index) => suitable(page.after?.[index], spec.sort[member]?.type));
  if (page.after === null || suits) return;
  throw invalid([
    { in: 'query', field: 'cursor', code: 'unparsable', message: 'This cursor is none.', hint: 'Start again without cursor.' },
  ]);
}

function suitable(value: CursorValue | undefined, type: SortColumn['type'] | undefined): boolean {
  if (type === 'text') return typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
  if (type === 'timestamp') return typeof value === 'string' && (value === '-infinity' || value === utcTimestamp(value));
  // Beyond 32 bits, or with a fraction, the database refuses to compare it with its integers.
  if (type === 'number') return typeof value === 'number' && value === (value | 0);
  return typeof value === type;
}

function pageOf<Row, Once extends object>(spec: ListSpec<Row, Once>, page: PageRequest, found: PageRow[]): ListPage<Row, Once> {
  const first = found[0];
  const once = onceOf(spec, found);
  if (!first) return { rows: [], once, total: 0, nextCursor: null, parentExists: false };
  const rows = found.filter((row) => row.list_row);
  const full = rows.length < (rows[0]?.list_fetched ?? 0);
  const more = full || rows.length > page.limit;
  if (rows.length > page.limit) rows.pop();
  const last = rows[rows.length - 1];
  const keys = page.sort.map((_, index) => last?.[`sort_${index}`] as CursorValue);
  return {
    rows: rows as unknown as Row[],
    once,
    total: first.list_total,
    nextCursor: more && last ? encodeCursor(page.signature, [...keys, last.sort_id as string]) : null,
    parentExists: spec.parent === undefined || first.list_parent,
  };
}

/** One row of the page, any one, carries them. */
function onceOf<Row, Once extends object>(spec: ListSpec<Row, Once>, found: PageRow[]): ListPage<Row, Once>['once'] {
  const names = Object.keys(spec.once ?? {});
  const carried = (name: string) => found.find((row) => row[`once_${name}`] !== null)?.[`once_${name}`] ?? null;
  return Object.fromEntries(names.map((name) => [name, carried(name)])) as ListPage<Row, Once>['once'];
}

type Values = Record<string, unknown>;

function pageQuery<Row, Once extends object>(
  db: Kysely<DB>,
  spec: ListSpec<Row, Once>,
  page: PageRequest,
  given: string[],
  values: Values,
) {
  const conditionOf = (name: string) => {
    const filter = spec.filters[name];
    if (!filter) throw new Error(`List ${spec.name} has no filter ${name}`);
    return filter(values[`filter_${name}`] as never);
  };
  const keys = page.sort.map(({ member, descending }) => {
    const column = spec.sort[member];
    if (!column) throw new Error(`List ${spec.name} cannot be sorted by ${member}`);
    return { expression: column.expression, descending };
  });
  // The id follows the direction of the last key, so that one index serves both.
  const order = [...keys, { expression: spec.id, descending: keys[keys.length - 1]?.descending ?? false }];
  const merged = spec.merged && given.includes(spec.merged.filter) ? spec.merged : undefined;
  let rows = spec.rows(db) as SelectQueryBuilder<DB, never, object>;
  for (const name of given) if (name !== merged?.filter) rows = rows.where(conditionOf(name));
  if (merged) rows = rows.where(sql<boolean>`${merged.column} = part.key`);
  if (page.after) rows = rows.where(after(order, values));
  keys.forEach(({ expression }, index) => {
    rows = rows.select(expression.as(`sort_${index}`));
  });
  rows = rows.select([spec.id.as('sort_id'), sql<boolean>`true`.as('list_row')]);
  if (spec.weight) rows = rows.select(spec.weight.as('list_weight'));
  for (const { expression, descending } of order) rows = rows.orderBy(expression, descending ? 'desc' : 'asc');
  const window = sql`limit ${limitOf(page, values)}${page.offset > 0 ? sql` offset ${values.offset}::bigint` : sql``}`;
  const paged = merged ? mergedRows(rows, values[`filter_${merged.filter}`], order, values) : sql`${rows}`;
  const parent = spec.parent ? parentExists(spec.parent, values) : sql<boolean>`true`;
  return sql<PageRow>`
    select page.*, list.list_total, list.list_parent${onceColumns(spec, values)}
    from (select ${total(db, spec, given, given.map(conditionOf), values)} as list_total, ${parent} as list_parent) list
    left join lateral (${spec.weight ? untilFull(sql`${paged} ${window}`, order) : sql`${paged} ${window}`}) page on true
    order by ${outerOrder('page', order)}`;
}

/** Rows in their order, up to the one that fills the page; what the others hold is not read. */
const untilFull = (rows: RawBuilder<unknown>, order: { descending: boolean }[]): RawBuilder<unknown> => sql`
  select * from (
    select one.*, count(*) over () as list_fetched,
      sum(one.list_weight) over (order by ${outerOrder('one', order)} rows between unbounded preceding and 1 preceding) as list_before
    from (${rows}) one) weighed
  where coalesce(list_before, 0) < ${sql.lit(fullPageBytes)}`;

/** Usual page sizes are written out: the planner then knows how few rows are wanted. */
const limitOf = (page: PageRequest, values: Values): RawBuilder<unknown> =>
  writtenLimits.has(page.limit) ? sql.lit(page.limit + 1) : sql`${values.limit}::bigint`;

function onceColumns<Row, Once extends object>(spec: ListSpec<Row, Once>, values: Values): RawBuilder<unknown> {
  const { once, parent } = spec;
  if (!once || !parent) return sql``;
  const parentId = values[`filter_${parent.filter}`] as string;
  const given = (filter: string) => values[`filter_${filter}`] as never;
  const columns = (Object.keys(once) as (keyof Once & string)[]).map(
    (name) => sql`, case when row_number() over () = 1 then ${once[name](parentId, given)} end as ${sql.ref(`once_${name}`)}`,
  );
  return sql.join(columns, sql``);
}

/** The rows of each part, as many as the page may need of one, in the order of the page. */
function mergedRows(
  rows: SelectQueryBuilder<DB, never, object>,
  parts: unknown,
  order: { descending: boolean }[],
  values: Values,
): RawBuilder<unknown> {
  return sql`select one.* from unnest(${parts}::uuid[]) as part (key)
    cross join lateral (${rows} limit ${values.limit}::bigint + ${values.offset}::bigint) one
    order by ${outerOrder('one', order)}`;
}

function outerOrder(source: 'page' | 'one', order: { descending: boolean }[]): RawBuilder<unknown> {
  const last = order.length - 1;
  return sql.join(
    order.map(({ descending }, index) => {
      const column = sql.ref(`${source}.${index === last ? 'sort_id' : `sort_${index}`}`);
      return descending ? sql`${column} desc` : sql`${column} asc`;
    }),
  );
}

/** Rows behind the given values: as one row comparison where all keys go one way, since an index can start from that. */
function after(order: { expression: Expression; descending: boolean }[], values: Values): RawBuilder<boolean> {
  const slots = order.map((_, index) => values[`after_${index}`]);
  const oneWay = order.every((key) => key.descending === order[0]?.descending);
  if (oneWay) {
    const left = sql.join(order.map((key) => key.expression));
    const right = sql.join(slots.map((slot) => sql`${slot}`));
    return order[0]?.descending ? sql<boolean>`(${left}) < (${right})` : sql<boolean>`(${left}) > (${right})`;
  }
  const alternatives = order.map((key, index) => {
    const equal = order.slice(0, index).map((before, at) => sql`${before.expression} = ${slots[at]}`);
    const beyond = key.descending ? sql`${key.expression} < ${slots[index]}` : sql`${key.expression} > ${slots[index]}`;
    return sql`(${sql.join([...equal, beyond], sql` and `)})`;
  });
  return sql<boolean>`(${sql.join(alternatives, sql` or `)})`;
}

/** The number of rows that an environment has in a list, kept by triggers. */
export const countedRows = (list: string, environmentId: string | Expression<string>): Expression<number> =>
  sql`(select coalesce(sum(row_count), 0)::bigint from list_counts
    where list = ${sql.lit(list)} and environment_id = ${environmentId})`;

function total(
  db: Kysely<DB>,
  spec: Pick<ListSpec<unknown>, 'countable' | 'counted' | 'countedBy' | 'parent'>,
  given: string[],
  conditions: RawBuilder<boolean>[],
  values: Values,
): RawBuilder<unknown> {
  if (typeof spec.counted === 'function') {
    const onlyParent = given.length === 1 && given[0] === spec.parent?.filter;
    if (onlyParent) return spec.counted(values[`filter_${given[0]}`] as string);
  }
  const countedBy =
    spec.countedBy ?? (spec.parent && { [spec.parent.filter]: (id: never) => sql<boolean>`environment_id = ${id}` });
  if (typeof spec.counted === 'string' && countedBy && given.every((name) => countedBy[name])) {
    const bounds = given.map((name) => countedBy[name]?.(values[`filter_${name}`] as never));
    return sql`(select coalesce(sum(row_count), 0)::bigint from list_counts
      where ${sql.join([sql`list = ${sql.lit(spec.counted)}`, ...bounds], sql` and `)})`;
  }
  let counted = spec.countable(db);
  for (const condition of conditions) counted = counted.where(condition);
  return sql`(${counted.select(sql`count(*)`.as('n'))})`;
}

function parentExists(parent: { table: string; filter: string }, values: Values): RawBuilder<boolean> {
  return sql<boolean>`exists (select from ${sql.table(parent.table)} where id = ${values[`filter_${parent.filter}`]})`;
}

/** A text to find anywhere in a column by `ilike`, its own wildcards taken literally. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/**
 * The values of a filter under its own name if there is one of them, else under its plural: an index gives rows in order
 * for one value, and not for several.
 */
export function oneOrMany<Value>(name: string, values: readonly Value[] | undefined): Record<string, unknown> {
  if (values === undefined) return {};
  return values.length === 1 ? { [name]: values[0] } : { [`${name}s`]: values };
}
