import type { DeprecatedFacts, ToldDeprecation } from '../../src/http/operationFacts';
import { type Contract, type PlacedOperation, resolve, type Schema, sentBody } from './contract';

type Marks = Record<string, unknown>;

/** What the edge tells of an operation whose requests can use something deprecated; undefined for the others. */
export function deprecatedFacts(contract: Contract, { operation, parameters }: PlacedOperation): DeprecatedFacts | undefined {
  const own = told(operation as unknown as Marks);
  const query = Object.fromEntries(
    parameters.flatMap((one) => {
      const mark = one.in === 'query' ? told(one as unknown as Marks) : undefined;
      return mark ? [[one.name, mark] as const] : [];
    }),
  );
  const body: Record<string, ToldDeprecation> = {};
  const sent = sentBody(operation);
  if (sent) collectMembers(contract, sent.schema, '', body, new Set());
  const facts = {
    ...(own ? { operation: own } : {}),
    ...(Object.keys(query).length > 0 ? { query } : {}),
    ...(Object.keys(body).length > 0 ? { body } : {}),
  };
  return Object.keys(facts).length > 0 ? facts : undefined;
}

/** The mark as it stands in headers: the check of the contract has seen that it is whole. */
function told(marked: Marks): ToldDeprecation | undefined {
  if (marked.deprecated !== true) return undefined;
  const at = (key: string) => new Date(`${marked[key]}T00:00:00Z`);
  return { since: at('x-deprecated-since').getTime() / 1000, sunset: at('x-sunset').getTime() / 1000 };
}

function collectMembers(
  contract: Contract,
  schema: Schema,
  place: string,
  into: Record<string, ToldDeprecation>,
  seen: Set<Schema>,
): void {
  const resolved = resolve(contract, schema);
  const mark = told(schema) ?? told(resolved);
  if (mark && place !== '') into[place] = mark;
  if (seen.has(resolved)) return;
  const above = new Set([...seen, resolved]);
  for (const choice of [resolved.allOf, resolved.oneOf, resolved.anyOf].flat() as (Schema | undefined)[]) {
    if (choice) collectMembers(contract, choice, place, into, above);
  }
  for (const [name, member] of Object.entries(resolved.properties ?? {})) {
    collectMembers(contract, member, place ? `${place}.${name}` : name, into, above);
  }
  if (resolved.items) collectMembers(contract, resolved.items, `${place}[]`, into, above);
}
