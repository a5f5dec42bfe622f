import { isObject } from '../../domain/isObject';
import type { Answer } from '../../operations/handler';
import type { Dialect } from '../dialect';
import type { OperationFacts } from '../operationFacts';

/**
 * The dialect of BridgePort's clients, for `PORTOLAN_COMPAT=bridgeport`: they decode maps and lists of hosts and services from
 * JSON text, read the first page of a list only, and send `""` for what they do not know yet. Which members that concerns
 * is marked in the contract.
 */
export const bridgeport: Dialect = (facts) => {
  const { texts, resource, blanks = [] } = facts.compatibility ?? {};
  const body = rewriter(texts);
  return {
    facts: { ...facts, query: withWholeLists(facts.query) },
    heard: blanks.length > 0 && facts.method === 'patch' ? (sent) => withoutBlanks(sent, blanks) : (sent) => sent,
    told: (answer: Answer<unknown>) => (answer.body === undefined ? answer : { ...answer, body: body(answer.body) }),
    shown: rewriter(resource),
  };
};

/** The longest page that a list has. */
const wholeList = 1000;

/** These clients follow no cursor: what is not on the first page does not exist for them. */
function withWholeLists(query: OperationFacts['query']): OperationFacts['query'] {
  const { limit } = query;
  return limit?.default === undefined ? query : { ...query, limit: { ...limit, default: wholeList } };
}

function withoutBlanks(body: unknown, blanks: readonly string[]): unknown {
  if (!isObject(body) || !blanks.some((name) => body[name] === '')) return body;
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !(value === '' && blanks.includes(name))));
}

type Rewrite = (value: unknown) => unknown;

const unchanged: Rewrite = (value) => value;

/** Turns the members at the given places into text; of what has none, nothing is copied. */
function rewriter(places: Readonly<Record<string, string | null>> = {}): Rewrite {
  const members = new Map<string, Map<string, string | null>>();
  for (const [place, empty] of Object.entries(places)) {
    const [, name = '', rest = ''] = /^(\[\]|[^.[]+)\.?(.*)$/.exec(place) ?? [];
    members.set(name, (members.get(name) ?? new Map()).set(rest, empty));
  }
  if (members.size === 0) return unchanged;
  const steps = [...members].map(([name, inside]) => [name, stepOf(inside)] as const);
  return (value) => {
    if (Array.isArray(value)) {
      const step = steps.find(([name]) => name === '[]')?.[1];
      return step ? value.map(step) : value;
    }
    if (!isObject(value)) return value;
    const copy: Record<string, unknown> = { ...value };
    for (const [name, step] of steps) if (Object.hasOwn(copy, name)) copy[name] = step(copy[name]);
    return copy;
  };
}

function stepOf(inside: Map<string, string | null>): Rewrite {
  const empty = inside.get('');
  return empty === undefined ? rewriter(Object.fromEntries(inside)) : (value) => asText(value, empty);
}

function asText(value: unknown, empty: string | null): unknown {
  if (value === null || value === undefined) return empty;
  return Object.keys(value as object).length === 0 ? empty : JSON.stringify(value);
}
