import fc from 'fast-check';
import type { OperationId } from '../../generated/operations';
import { invalidBody, invalidQuery, validBody, validQuery } from '../support/arbitraries';
import { apiIds, factsOf } from '../support/contract';
import { environment, token } from '../support/fixtures';
import { hostileText } from '../support/hostile';
import { acceptableBody, makeObjects, type Objects, pathOf } from '../support/objects';
import { type Call, type Portolan, startPortolan } from '../support/portolan';

/**
 * Requests made from the contract itself, good and bad ones: whatever comes, the answer is declared, matches its schema
 * and is no 500.
 * FC_SEED=… repeats a run, FC_RUNS=… asks more often.
 */

const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.FC_RUNS ?? 25);

let portolan: Portolan;
let home: string;
let userId: string;
let shared: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  home = await environment(portolan);
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  userId = admin.userId;
  shared = await makeObjects(portolan, { userId, environmentId: home });
});
afterAll(() => portolan.close());

/** Fresh objects for what changes them, except for those that a request names in vain. */
const objectsFor = async (id: OperationId): Promise<Objects> => {
  if (factsOf(id).method === 'get') return shared;
  const environmentId = factsOf(id).nouns.id === 'environment' ? {} : { environmentId: home };
  return makeObjects(portolan, { userId, ...environmentId });
};

const headers = fc.record(
  {
    'if-match': fc.constantFrom('*', '*', '"1.0"', '"1.0"', 'W/"1.x"', '"1"', '"99.0"', '""', '"1.a", "2.b"', 'broken', '"'),
    'if-none-match': fc.constantFrom('*', '"1.0"', 'broken', '"'),
    'idempotency-key': fc.oneof(
      { weight: 9, arbitrary: fc.uuid() },
      { weight: 1, arbitrary: fc.constantFrom('k', ' ', 'x'.repeat(200), 'x'.repeat(201)) },
    ),
    'x-dry-run': fc.constantFrom('true', 'false', 'x'),
    accept: fc.constantFrom('*/*', 'text/html', 'application/xml', ''),
  },
  { requiredKeys: [] },
);

/** Ids are drawn before the objects are there, so that a shrunk request is the same request. */
const placeholders = new Proxy({}, { get: (_, kind) => `{${String(kind)}}`, has: () => true }) as Objects;
const filledIn = (text: string, objects: Objects): string =>
  text.replace(/\{(\w+)\}|%7B(\w+)%7D/g, (all, kind, encoded) => objects[kind ?? encoded] ?? all);

async function check(
  id: OperationId,
  drawn: { body: unknown; query: string; headers: Record<string, string>; hostileId: string | null },
): Promise<void> {
  const objects = await objectsFor(id);
  const { path } = pathOf(id, objects);
  const first = Object.keys(path)[0];
  if (drawn.hostileId && first) path[first] = drawn.hostileId.toWellFormed();
  const call: Call = { path, headers: drawn.headers, query: filledIn(drawn.query, objects) };
  if (drawn.body !== undefined) {
    const text = filledIn(JSON.stringify(drawn.body), objects);
    call.body = factsOf(id).body?.files ? JSON.parse(text) : text;
  }
  const answer = await portolan.call(id, call);
  if (answer.status === 500) throw new Error(`${id} answered 500: ${answer.text}`);
}

async function property(
  id: OperationId,
  body: fc.Arbitrary<unknown>,
  query: fc.Arbitrary<string>,
  hostileIds: boolean,
): Promise<void> {
  const texts = hostileText.filter((text) => !['', '.', '..'].includes(text));
  const hostileId = hostileIds
    ? fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: texts })
    : fc.constant(null);
  const drawn = fc.record({ body, query, headers, hostileId });
  await fc.assert(
    fc.asyncProperty(drawn, (request) => check(id, request as never)),
    { seed, numRuns, endOnFailure: false },
  );
}

const takesBody = apiIds.filter((id) => factsOf(id).body);

describe('the contract’s own example', () => {
  /** Where the fixtures do not suit the example: their state forbids it, or nothing answers at the registry's address. */
  const otherwise = [409, 502, 503];
  test.each(takesBody)('%s accepts it', async (id) => {
    const objects = await objectsFor(id);
    const answer = await portolan.call(id, { path: pathOf(id, objects).path, body: acceptableBody(id, objects) });
    if (answer.status >= 300 && !otherwise.includes(answer.status))
      throw new Error(`${id} answers ${answer.status} to its example: ${answer.text}`);
  });
});

describe(`requests that the contract allows (FC_SEED=${seed})`, () => {
  test.each(apiIds)('%s', (id) => property(id, validBody(id, placeholders), validQuery(id, placeholders), false));
});

describe(`requests that it does not allow (FC_SEED=${seed})`, () => {
  test.each(apiIds)('%s', (id) =>
    property(id, factsOf(id).body ? invalidBody(id, placeholders) : fc.constant(undefined), invalidQuery(id, placeholders), true),
  );
});
