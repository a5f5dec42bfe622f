import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { DB } from '../../../generated/database';
import type { Requirement } from '../../domain/cloudFoundry/labelSelector';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Db } from '../database';
import { type Statement, statement } from '../statement';
import {
  byIds,
  ofInstallation,
  secondOf,
  type TimeForm,
  timeConditions,
  timeFormOf,
  timeValuesOf,
  within,
} from './listConditions';
import type { MetadataType } from './metadata';
import { type Candidates, candidateConditions, selectorCandidates, selectorConditions } from './selector';

type Rows<Row> = SelectQueryBuilder<DB, never, Row>;

/** How one list of /v3 is read. Values of filters are placeholders: nothing may look at them. */
export interface V3ListSpec<Row> {
  /** Its statements are kept under this name. */
  name: string;
  type: MetadataType;
  /** The rows with all columns, without order and limit. */
  rows: (db: Kysely<DB>) => Rows<Row>;
  /** The same rows without columns: from these the page is picked, and they are counted. */
  countable: (db: Kysely<DB>) => Rows<object>;
  id: RawBuilder<string>;
  seq: RawBuilder<number>;
  createdAt: RawBuilder<string>;
  updatedAt: RawBuilder<string>;
  /** Both times are stored in whole seconds, so that an index on them gives the order. */
  wholeSeconds?: boolean;
  /** null: no space bounds it. */
  environmentId: RawBuilder<string> | null;
  /** Members to order by beside the two times. */
  orderBy?: Record<string, RawBuilder<string>>;
  /** By parameter. `guids`, `organization_guids` and, where an environment bounds the list, `space_guids` are given. */
  filters: Record<string, (values: readonly string[]) => RawBuilder<boolean>>;
  /**
   * `list_counts` has the total of each environment under this name, so that a list without filters counts no row of the
   * table. `except` are counted there although they are not listed: few.
   */
  counted?: { list: string; except?: (db: Kysely<DB>) => Rows<object> };
}

/** The columns that every list is read by, of a table that has them under these names. */
export const listColumnsOf = (table: keyof DB) => ({
  id: sql<string>`${sql.ref(`${table}.id`)}`,
  seq: sql<number>`${sql.ref(`${table}.seq`)}`,
  createdAt: sql<string>`${sql.ref(`${table}.created_at`)}`,
  updatedAt: sql<string>`${sql.ref(`${table}.updated_at`)}`,
  environmentId: sql<string>`${sql.ref(`${table}.environment_id`)}`,
});

interface PageRow {
  list_total: number;
  picked_id: string | null;
}

const statements = new Map<string, Statement<Record<string, unknown>, PageRow>>();
const statementLimit = 1000;

/** Page sizes that stand in the statement itself, so that the planner knows how few rows are wanted: the usual ones. */
const writtenLimits = new Set([50, 5000]);

/** What shapes the answer and not the list. */
const ofTheAnswer = new Set(['include', 'embed']);

/**
 * One page and the true total, of rows in the environments `reach` (undefined = all), in one statement; before it, where
 * there is a selector, one that looks for candidates. Statements are compiled once for each combination of order, filters
 * and forms of requirements.
 */
export async function listV3<Row>(
  db: Db,
  spec: V3ListSpec<Row>,
  request: ListRequest,
  reach: readonly string[] | undefined,
): Promise<{ rows: Row[]; total: number }> {
  const candidates = await selectorCandidates(db, spec.type, request.labelSelector);
  const { form, values } = asked(spec as V3ListSpec<never>, request, reach, candidates);
  const key = JSON.stringify([spec.name, form]);
  let prepared = statements.get(key);
  if (!prepared) {
    prepared = statement((builder, slots) => pageQuery(builder, spec as V3ListSpec<never>, form, slots as Slots));
    if (statements.size < statementLimit) statements.set(key, prepared);
  }
  const found = await prepared.all(db, values);
  const rows = found.filter((row) => row.picked_id !== null) as unknown as Row[];
  return { rows, total: found[0]?.list_total ?? 0 };
}

/** Placeholders by the names of values. */
type Slots = Record<string, never>;

/** What of a request makes the statement; all else fills it. */
interface Form {
  orderBy: ListRequest['orderBy'];
  /** null: the limit is a value. */
  limit: number | null;
  /** By `reach`. */
  bounded: boolean;
  /** By `organization_guids`, which take all or nothing. */
  organization: boolean;
  filters: string[];
  createdAts: TimeForm;
  updatedAts: TimeForm;
  /** `candidates`: a text for all selectors that have some. */
  selector: 'candidates' | RequirementForm[];
}
interface RequirementForm {
  operator: Requirement['operator'];
  empty: boolean;
}
const formOf = (one: Requirement): RequirementForm => ({
  operator: one.operator,
  empty: 'values' in one && one.values.length === 0,
});

function asked(
  spec: V3ListSpec<never>,
  request: ListRequest,
  reach: readonly string[] | undefined,
  candidates: Candidates | null,
) {
  const { page, perPage, orderBy, createdAts, updatedAts, labelSelector } = request;
  const filters: Record<string, readonly string[]> = { ...request.filters };
  for (const name of ofTheAnswer) delete filters[name];
  const { space_guids: spaces } = filters;
  const bySpace = spaces !== undefined && spec.environmentId !== null;
  if (bySpace) delete filters.space_guids;
  const environments = bySpace ? within(reach, spaces) : reach;

  const values: Record<string, unknown> = {
    limit: perPage,
    // A page that no list has is as empty at the greatest offset that the database takes.
    offset: Math.min((page - 1) * perPage, Number.MAX_SAFE_INTEGER),
    reach: environments,
    candidates: candidates?.ids,
    requirements: candidates?.requirements,
    ...Object.fromEntries(Object.entries(filters).map(([name, wanted]) => [`filter_${name}`, wanted])),
    ...timeValuesOf('created', createdAts),
    ...timeValuesOf('updated', updatedAts),
  };
  labelSelector.forEach((requirement, index) => {
    values[`prefix_${index}`] = requirement.key.prefix;
    values[`name_${index}`] = requirement.key.name;
    if ('values' in requirement) values[`values_${index}`] = requirement.values;
  });
  const form: Form = {
    orderBy,
    limit: writtenLimits.has(perPage) ? perPage : null,
    bounded: environments !== undefined && spec.environmentId !== null,
    organization: 'organization_guids' in filters,
    filters: Object.keys(filters)
      .filter((name) => name !== 'organization_guids')
      .sort(),
    createdAts: timeFormOf(createdAts),
    updatedAts: timeFormOf(updatedAts),
    selector: candidates ? 'candidates' : labelSelector.map(formOf),
  };
  return { form, values };
}

/**
 * Without filters an index gives the page in its order, and the total is kept or counted. With filters the rows that match
 * are found once, for both: an index that gives the order would lead through all the others in between, and what is not
 * found twice takes half the time.
 */
function pageQuery(db: Kysely<DB>, spec: V3ListSpec<never>, form: Form, slots: Slots) {
  const conditions = conditionsOf(spec, form, slots);
  const narrowed = conditions.length > 0;
  const order = form.orderBy?.descending ? sql`desc` : sql`asc`;
  const matching = sql`with matching as materialized (${keysOf(db, spec, form, [...conditions, ...boundsOf(spec, form, slots)])})`;
  const total = narrowed ? sql<number>`(select count(*) from matching)` : totalOf(db, spec, form, slots);
  const picked = narrowed
    ? sql`select * from matching order by sort_key ${order}${ties(form, order)} ${windowOf(form, slots)}`
    : pickedRows(db, spec, form, slots);
  const rows = (spec.rows(db) as unknown as Rows<object>).where(sql<boolean>`${spec.id} = picked.picked_id`);
  return sql<PageRow>`
    ${narrowed ? matching : sql``}
    select page.*, list.list_total
    from (select ${total} as list_total) list
    left join lateral (
      select picked.*, one.* from (${picked}) picked cross join lateral (${rows}) one) page on true
    order by page.sort_key ${order}, page.picked_id ${order}`;
}

/** No two rows came at the same place. */
const ties = ({ orderBy }: Form, order: RawBuilder<unknown>): RawBuilder<unknown> =>
  orderBy === null ? sql`` : sql`, picked_id ${order}`;

function conditionsOf(spec: V3ListSpec<never>, form: Form, slots: Slots): RawBuilder<boolean>[] {
  const given: V3ListSpec<never>['filters'] = { guids: byIds(spec.id), ...spec.filters };
  const filters = form.filters.map((name) => {
    const filter = given[name];
    if (!filter) throw new Error(`List ${spec.name} has no filter ${name}`);
    return filter(slots[`filter_${name}`] as never);
  });
  const wholeSeconds = spec.wholeSeconds === true;
  return [
    ...filters,
    ...timeConditions('created', spec.createdAt, wholeSeconds, form.createdAts, slots),
    ...timeConditions('updated', spec.updatedAt, wholeSeconds, form.updatedAts, slots),
    ...labelConditions(spec, form, slots),
  ];
}

function labelConditions({ type, id }: V3ListSpec<never>, form: Form, slots: Slots): RawBuilder<boolean>[] {
  const { candidates: ids, requirements } = slots as Required<Slots>;
  if (form.selector === 'candidates') return candidateConditions(type, id, { ids, requirements } as never);
  return selectorConditions(
    type,
    id,
    form.selector.map((one, index) => requirementOf(one, index, slots)),
  );
}

/** A requirement whose parts are placeholders: an array that holds one stands for the array that fills it. */
function requirementOf({ operator, empty }: RequirementForm, index: number, slots: Slots): Requirement {
  const key = { prefix: slots[`prefix_${index}`] as never, name: slots[`name_${index}`] as never };
  if (operator === 'exists' || operator === 'notExists') return { key, operator };
  return { key, operator, values: empty ? [] : [slots[`values_${index}`] as never] };
}

/** What bounds a list without narrowing it: the environments, and the organization, which has all or nothing. */
function boundsOf(spec: V3ListSpec<never>, form: Form, slots: Slots): RawBuilder<boolean>[] {
  const bounds = form.organization ? [ofInstallation(slots.filter_organization_guids as never)] : [];
  return form.bounded ? [...bounds, sql<boolean>`${spec.environmentId} = any(${slots.reach}::uuid[])`] : bounds;
}

const counted = (rows: Rows<object>, bounds: readonly RawBuilder<boolean>[]) =>
  sql<number>`(${rows.where((eb) => eb.and([...bounds])).select(sql`count(*)`.as('n'))})`;

function totalOf(db: Kysely<DB>, spec: V3ListSpec<never>, form: Form, slots: Slots): RawBuilder<number> {
  const bounds = boundsOf(spec, form, slots);
  if (!spec.counted) return counted(spec.countable(db), bounds);
  const { list, except } = spec.counted;
  const ofEnvironments = form.bounded ? sql` and environment_id = any(${slots.reach}::uuid[])` : sql``;
  const ofOrganization = form.organization ? sql` and ${ofInstallation(slots.filter_organization_guids as never)}` : sql``;
  const kept = sql<number>`(select coalesce(sum(row_count), 0)::bigint from list_counts
    where list = ${sql.lit(list)}${ofEnvironments}${ofOrganization})`;
  return except ? sql<number>`${kept} - ${counted(except(db), bounds)}` : kept;
}

/** Ids with what they are sorted by. Ties of the members that can be chosen are broken by id. */
const keysOf = (db: Kysely<DB>, spec: V3ListSpec<never>, form: Form, conditions: readonly RawBuilder<boolean>[]) =>
  spec
    .countable(db)
    .where((eb) => eb.and([...conditions]))
    .select([spec.id.as('picked_id'), sortKeyOf(spec, form.orderBy).as('sort_key')]);

const windowOf = (form: Form, slots: Slots): RawBuilder<unknown> =>
  sql`limit ${limitOf(form, slots)} offset ${slots.offset}::bigint`;

const limitOf = ({ limit }: Form, slots: Slots): RawBuilder<unknown> =>
  limit === null ? sql`${slots.limit}::bigint` : sql.lit(limit);

/** The keys of a page that no filter narrows. */
function pickedRows(db: Kysely<DB>, spec: V3ListSpec<never>, form: Form, slots: Slots): RawBuilder<unknown> {
  const key = sortKeyOf(spec, form.orderBy);
  const direction = form.orderBy?.descending ? 'desc' : 'asc';
  if (form.orderBy !== null || !form.bounded) {
    const rows = keysOf(db, spec, form, boundsOf(spec, form, slots)).orderBy(key, direction);
    const ordered = form.orderBy === null ? rows : rows.orderBy(spec.id, direction);
    return sql`${ordered} ${windowOf(form, slots)}`;
  }
  // An index gives rows as they came within one environment only: the page is merged from one page of each.
  const bounds = [...boundsOf(spec, { ...form, bounded: false }, slots), sql<boolean>`${spec.environmentId} = part.key`];
  const rows = keysOf(db, spec, form, bounds).orderBy(key, direction);
  return sql`select one.* from unnest(${slots.reach}::uuid[]) as part (key)
    cross join lateral (${rows} limit ${limitOf(form, slots)} + ${slots.offset}::bigint) one
    order by one.sort_key ${windowOf(form, slots)}`;
}

function sortKeyOf(spec: V3ListSpec<never>, orderBy: ListRequest['orderBy']): RawBuilder<unknown> {
  if (orderBy === null) return spec.seq;
  const wholeSeconds = spec.wholeSeconds === true;
  if (orderBy.member === 'created_at') return secondOf(spec.createdAt, wholeSeconds);
  if (orderBy.member === 'updated_at') return secondOf(spec.updatedAt, wholeSeconds);
  const member = spec.orderBy?.[orderBy.member];
  if (!member) throw new Error(`List ${spec.name} cannot be sorted by ${orderBy.member}`);
  return member;
}
