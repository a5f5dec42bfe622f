import { utcTimestamp } from '../timestamps';
import { parseLabelSelector } from './labelSelector';
import type { ListRequest, TimeFilter } from './listRequest';

/** What a list takes. */
export interface ListParameters {
  /** The parameters that the operation declares. */
  parameters: readonly string[];
  /** Members to order by, beside the two times that every list has. */
  orderBy: readonly string[];
  /** Parameters whose values are known, such as `include`: any other value is refused. */
  choices?: Readonly<Record<string, readonly string[]>>;
}

const longestTold = 100;
const timesOfLists = ['created_at', 'updated_at'];
const timeFilters = ['created_ats', 'updated_ats'] as const;
type TimeParameter = (typeof timeFilters)[number];
const boundOperators = ['lt', 'lte', 'gt', 'gte'] as const;
type BoundOperator = (typeof boundOperators)[number];
type Bounds = { operator: BoundOperator; at: string }[];

/** The query of a list. Every problem is told, as texts. */
export function parseListQuery(rawQuery: string, known: ListParameters): { request: ListRequest } | { problems: string[] } {
  const problems: string[] = [];
  const pairs = pairsOf(rawQuery, problems);
  const value = (name: string) => (known.parameters.includes(name) ? pairs.get(name) : undefined);

  refuseUnknown(pairs, known.parameters, problems);
  const request: ListRequest = {
    page: wholeNumber(value('page'), 1, Number.MAX_SAFE_INTEGER, 1, 'page must be an integer of at least 1', problems),
    perPage: wholeNumber(value('per_page'), 1, 5000, 50, 'per page must be an integer from 1 to 5000', problems),
    orderBy: orderOf(value('order_by'), known.orderBy, problems),
    filters: filtersOf(pairs, known, problems),
    createdAts: timeFilterOf(pairs, 'created_ats', known.parameters, problems),
    updatedAts: timeFilterOf(pairs, 'updated_ats', known.parameters, problems),
    labelSelector: selectorOf(value('label_selector'), problems),
    carried: {},
  };
  if (problems.length > 0) return { problems };
  return { request: { ...request, carried: carriedOf(pairs, request.orderBy) } };
}

/** Parameters with their values, both decoded once. A blank may be written `+`. */
function pairsOf(rawQuery: string, problems: string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const rawName = equals < 0 ? part : part.slice(0, equals);
    const name = decoded(rawName);
    const value = decoded(equals < 0 ? '' : part.slice(equals + 1));
    const told = quoted(name ?? rawName);
    if (name === undefined || value === undefined) problems.push(`${told} holds a broken percent-encoding`);
    else if (pairs.has(name)) problems.push(`${told} is given twice`);
    else pairs.set(name, value);
  }
  return pairs;
}

/** undefined for a broken encoding, and for U+0000, which no value can hold. */
function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text.replace(/\+/g, ' '));
    return value.includes('\0') ? undefined : value;
  } catch {
    return undefined;
  }
}

const quoted = (text: string): string => `'${text.slice(0, longestTold)}'`;
const listed = (texts: readonly string[]): string => texts.map(quoted).join(', ');

/** `created_ats[lt]` belongs to `created_ats`. */
const parameterOf = (name: string): string => timeFilters.find((filter) => name.startsWith(`${filter}[`)) ?? name;

function refuseUnknown(pairs: Map<string, string>, parameters: readonly string[], problems: string[]): void {
  const unknown = [...pairs.keys()].filter((name) => !parameters.includes(parameterOf(name)));
  if (unknown.length === 0) return;
  problems.push(`Unknown query parameter(s): ${listed(unknown)}. Valid parameters are: ${listed(parameters)}`);
}

function wholeNumber(
  text: string | undefined,
  least: number,
  most: number,
  absent: number,
  problem: string,
  problems: string[],
): number {
  if (text === undefined) return absent;
  // A page far behind the last one is as empty as any other.
  const value = Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  problems.push(problem);
  return absent;
}

/** A blank in front is a `+` that was not encoded. */
function orderOf(text: string | undefined, more: readonly string[], problems: string[]): ListRequest['orderBy'] {
  if (text === undefined) return null;
  const members = [...new Set([...timesOfLists, ...more])];
  const member = text.replace(/^[ +-]/, '');
  if (members.includes(member)) {
    return { member: member as NonNullable<ListRequest['orderBy']>['member'], descending: text.startsWith('-') };
  }
  problems.push(`order_by can only be one of ${listed(members)}, with '+' or '-' in front`);
  return null;
}

/** Parameters that are no lists of values. */
const single = new Set<string>(['page', 'per_page', 'order_by', 'label_selector', ...timeFilters]);

function filtersOf(pairs: Map<string, string>, known: ListParameters, problems: string[]): ListRequest['filters'] {
  const filters: Record<string, readonly string[]> = {};
  for (const name of known.parameters) {
    const text = pairs.get(name);
    if (text === undefined || single.has(name)) continue;
    filters[name] = valuesOf(text);
    if (name === 'current' && text !== 'true') problems.push("current can only be 'true'");
    if (name === 'include' || name === 'embed') refuseOthers(name, filters[name], known.choices?.[name] ?? [], problems);
    if (filters[name].some((value) => value.includes('\0'))) problems.push(`${quoted(name)} holds U+0000`);
  }
  return filters;
}

/**
 * Values are split first and decoded once more behind that, so that `%252C` is a comma inside of one. What is no encoding
 * then stands for itself, as the per cent sign of a name does.
 */
function valuesOf(text: string): string[] {
  return text.split(/, */).map((value) => {
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  });
}

function refuseOthers(name: string, values: readonly string[], valid: readonly string[], problems: string[]): void {
  const others = values.filter((value) => !valid.includes(value));
  if (others.length > 0) problems.push(`Invalid ${name} value(s): ${listed(others)}. Valid values are: ${listed(valid)}`);
}

function timeFilterOf(
  pairs: Map<string, string>,
  name: TimeParameter,
  parameters: readonly string[],
  problems: string[],
): TimeFilter | null {
  if (!parameters.includes(name)) return null;
  const equal = pairs.get(name);
  const bounds = boundsOf(pairs, name, problems);
  if (equal !== undefined && bounds) problems.push(`${name} takes times or bounds, not both`);
  if (equal === undefined) return bounds ? { bounds } : null;
  const times = equal.split(/, */);
  if (!times.every(isWholeSecond)) problems.push(notATime(name));
  return { equal: times };
}

/** null when none is given. */
function boundsOf(pairs: Map<string, string>, name: TimeParameter, problems: string[]): Bounds | null {
  const bounds: Bounds = [];
  let given = false;
  for (const [key, at] of pairs) {
    if (!key.startsWith(`${name}[`)) continue;
    given = true;
    const operator = boundOperators.find((known) => key === `${name}[${known}]`);
    if (!operator) problems.push(`Invalid operator in ${quoted(key)}. Valid operators are: ${listed(boundOperators)}`);
    else if (at.includes(',')) problems.push(`${name}[${operator}] takes one time only`);
    else if (!isWholeSecond(at)) problems.push(notATime(`${name}[${operator}]`));
    else bounds.push({ operator, at });
  }
  return given ? bounds : null;
}

const notATime = (name: string): string => `${name} has a time that is not of the form 'YYYY-MM-DDThh:mm:ssZ'`;

/** A second that calendars hold: a day that a month does not have would be taken for one of the next. */
const isWholeSecond = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && utcTimestamp(text) === text.replace('Z', '.000Z');

function selectorOf(text: string | undefined, problems: string[]): ListRequest['labelSelector'] {
  if (text === undefined) return [];
  const parsed = parseLabelSelector(text);
  if ('requirements' in parsed) return parsed.requirements;
  problems.push(parsed.problem);
  return [];
}

function carriedOf(pairs: Map<string, string>, orderBy: ListRequest['orderBy']): Record<string, string> {
  const carried = Object.fromEntries([...pairs].filter(([name]) => name !== 'page' && name !== 'per_page'));
  if (orderBy) carried.order_by = `${orderBy.descending ? '-' : '+'}${orderBy.member}`;
  return carried;
}
