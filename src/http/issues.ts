import { closest, distance } from 'fastest-levenshtein';
import type { ValidationError } from '../../generated/validators';
import type { Issue, IssueCode, IssueLocation } from '../domain/errors';
import type { OperationFacts } from './operationFacts';
import { fieldPath } from './requestBody';

/** Errors of the precompiled validators as issues that a person can act on, in the order of the document. */
export function issuesOf(
  errors: readonly ValidationError[],
  value: unknown,
  location: IssueLocation,
  facts: OperationFacts,
): Issue[] {
  const issues = withJoinedTypes(errors)
    .filter((error) => !['if', 'oneOf', 'anyOf', 'allOf', 'not', 'propertyNames'].includes(error.keyword))
    .map((error) => ({ issue: issueOf(error, value, location, facts), order: documentOrder(error, value) }));
  issues.sort((a, b) => compareOrder(a.order, b.order));
  return distinct(issues.map(({ issue }) => issue));
}

/** Where one of several schemas has to fit, each tells its own type: here every error of such a place names them all. */
function withJoinedTypes(errors: readonly ValidationError[]): ValidationError[] {
  const wanted = new Map<string, Set<unknown>>();
  for (const { keyword, instancePath } of errors)
    if (keyword === 'oneOf' || keyword === 'anyOf') wanted.set(instancePath, new Set());
  const typesOf = ({ keyword, instancePath }: ValidationError) => (keyword === 'type' ? wanted.get(instancePath) : undefined);
  for (const error of errors) for (const type of [error.params.type].flat()) typesOf(error)?.add(type);
  return errors.map((error) => {
    const types = typesOf(error);
    return types ? { ...error, params: { ...error.params, type: [...types] } } : error;
  });
}

function distinct(issues: Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter((issue) => {
    const key = `${issue.field}\0${issue.code}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** JSON pointer to path parts; indices of arrays as numbers. */
function partsOf(pointer: string, value: unknown): (string | number)[] {
  const parts: (string | number)[] = [];
  let at = value;
  for (const raw of pointer.split('/').slice(1)) {
    const key = raw.replace(/~1/g, '/').replace(/~0/g, '~');
    parts.push(Array.isArray(at) ? Number(key) : key);
    at = (at as Record<string, unknown> | undefined)?.[key];
  }
  return parts;
}

/** The parts of the value that an error is about: a missing or unknown member is named in its parameters. */
function placeOf(error: ValidationError, value: unknown): (string | number)[] {
  const parts = partsOf(error.instancePath, value);
  const { missingProperty, additionalProperty, propertyName } = error.params as Record<string, string | undefined>;
  const member = missingProperty ?? additionalProperty ?? propertyName ?? (error as { propertyName?: string }).propertyName;
  return member === undefined ? parts : [...parts, member];
}

/** Positions along the path; what is missing comes after what is there. */
function documentOrder(error: ValidationError, value: unknown): number[] {
  let at = value;
  return placeOf(error, value).map((part) => {
    const keys = at && typeof at === 'object' ? Object.keys(at) : [];
    const position = keys.indexOf(String(part));
    at = (at as Record<string, unknown> | undefined)?.[part];
    return position < 0 ? Number.MAX_SAFE_INTEGER : position;
  });
}

function compareOrder(a: number[], b: number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function issueOf(error: ValidationError, value: unknown, location: IssueLocation, facts: OperationFacts): Issue {
  const parts = placeOf(error, value);
  // A query parameter is named as it is written, a member of a body as it would be written in code.
  const field = location === 'query' ? `${parts[0] ?? ''}${fieldPath(parts.slice(1))}` : fieldPath(parts);
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    return location === 'query' ? unknownParameter(field, facts) : unknownMember(parts, field, facts);
  }
  const { code, message } = explain(error);
  const hint = code === 'enum' ? likelyValue(error, valueAt(parts, value)) : hintOf(code, parts, location, facts);
  return { in: location, field, code, message, ...(hint === undefined ? {} : { hint }) };
}

const valueAt = (parts: (string | number)[], value: unknown): unknown =>
  parts.reduce((at, part) => (at as Record<string | number, unknown> | undefined)?.[part], value);

/** What the contract says in `x-hint` to a text that does not have the form of its member. */
function hintOf(code: IssueCode, parts: (string | number)[], location: IssueLocation, facts: OperationFacts): string | undefined {
  return code === 'pattern' && location === 'body' ? own(facts.body?.hints, placeKey(parts)) : undefined;
}

/** `Did you mean text?` for a misspelt value; the message lists them all, so there is no hint for others. */
function likelyValue(error: ValidationError, value: unknown): string | undefined {
  const known = allowedValues(error).filter((allowed) => typeof allowed === 'string');
  const nearest = typeof value === 'string' ? nearestOf(value, known) : undefined;
  return nearest === undefined ? undefined : `Did you mean ${nearest}?`;
}

function allowedValues({ params }: ValidationError): unknown[] {
  return (params.allowedValues as unknown[] | undefined) ?? [params.allowedValue];
}

function unknownParameter(field: string, facts: OperationFacts): Issue {
  const known = Object.keys(facts.query);
  const message = 'This operation has no such query parameter.';
  return { in: 'query', field, code: 'unknown_parameter', message, hint: didYouMean(field, known) };
}

function unknownMember(parts: (string | number)[], field: string, facts: OperationFacts): Issue {
  const name = String(parts[parts.length - 1]);
  const hint = parts.length === 1 ? own(facts.body?.readOnly, name) : undefined;
  if (hint !== undefined) {
    const message = `Field "${name}" is read-only and cannot be set via ${facts.method.toUpperCase()}.`;
    return { in: 'body', field, code: 'read_only', message, hint };
  }
  const known = own(facts.body?.members, placeKey(parts.slice(0, -1))) ?? [];
  const message = facts.body?.schema ? `Not a member of ${facts.body.schema}.` : 'This operation takes no such member.';
  return { in: 'body', field, code: 'unknown_member', message, hint: didYouMean(name, known) };
}

/** A member of a table; `constructor` is none. */
const own = <T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  table && Object.hasOwn(table, name) ? table[name] : undefined;

/** A place with all entries of an array as one, as the operation table names it: `connectionFields[].name`. */
const placeKey = (parts: readonly (string | number)[]): string =>
  parts
    .map((part) => (typeof part === 'number' ? '[]' : part))
    .join('.')
    .replace(/\.\[\]/g, '[]');

/** The nearest known name, else what there is. */
export function didYouMean(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'Leave it out.';
  const nearest = nearestOf(name, known);
  return nearest === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${nearest}?`;
}

/** The known text with an edit distance of at most 2, or with the same word parts. */
function nearestOf(text: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(text, known as string[]);
  if (distance(text, nearest) <= 2) return nearest;
  const words = wordsOf(text);
  if (words.length === 0) return undefined;
  return known.find((candidate) => {
    const other = wordsOf(candidate);
    return words.every((word) => other.includes(word)) || other.every((word) => words.includes(word));
  });
}

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

interface Explanation {
  code: IssueCode;
  message: string;
}

function explain(error: ValidationError): Explanation {
  const params = error.params as Record<string, never> & {
    limit: number;
    type: string | string[];
    pattern: string;
    format: string;
  };
  switch (error.keyword) {
    case 'required':
      return { code: 'required', message: 'This member is required.' };
    case 'type':
      return { code: 'type', message: `Must be ${[params.type].flat().map(article).join(' or ')}.` };
    case 'enum':
    case 'const':
      return { code: 'enum', message: `Must be ${alternatives(allowedValues(error))}.` };
    case 'pattern':
      return { code: 'pattern', message: `Must match ${params.pattern}.` };
    case 'format':
      return { code: 'format', message: `Must be ${article(params.format)}.` };
    case 'minimum':
    case 'exclusiveMinimum':
      return { code: 'minimum', message: `Must be at least ${params.limit}.` };
    case 'maximum':
    case 'exclusiveMaximum':
      return { code: 'maximum', message: `Must be at most ${params.limit}.` };
    case 'minLength':
      return { code: 'minLength', message: `Must have at least ${plural(params.limit, 'character')}.` };
    case 'maxLength':
      return { code: 'maxLength', message: `Must have at most ${plural(params.limit, 'character')}.` };
    case 'minItems':
    case 'minProperties':
      return { code: 'minItems', message: `Must have at least ${plural(params.limit, 'entry', 'entries')}.` };
    case 'maxItems':
    case 'maxProperties':
      return { code: 'maxItems', message: `Must have at most ${plural(params.limit, 'entry', 'entries')}.` };
    case 'uniqueItems':
      return { code: 'unique', message: 'Entries must differ from each other.' };
    default:
      return { code: 'inconsistent', message: error.message ?? 'Is not allowed here.' };
  }
}

/** `text, number or password` */
function alternatives(values: readonly unknown[]): string {
  const last = String(values[values.length - 1]);
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const article = (type: string) => (type === 'null' ? 'null' : /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);
