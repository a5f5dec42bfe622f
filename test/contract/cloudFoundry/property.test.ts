import fc from 'fast-check';
import type { OperationId } from '../../../generated/operations';
import { invalidBody, validBody } from '../../support/arbitraries';
import { badV3Query, goodV3Query } from '../../support/cloudFoundry/v3Queries';
import { factsOf, v3Ids } from '../../support/contract';
import { environment, token } from '../../support/fixtures';
import { hostileText } from '../../support/hostile';
import { acceptableBody, makeObjects, type Objects, pathOf } from '../../support/objects';
import { type Call, type Portolan, startPortolan } from '../../support/portolan';

/**
 * Requests of /v3 made from the contract, good and bad ones: whatever comes, the answer is declared, matches its schema
 * and is no 500. Callers are an administrator, and one who reaches another space only.
 * FC_SEED=… repeats a run, FC_RUNS=… asks more often.
 */

const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.FC_RUNS ?? 25);

let portolan: Portolan;
let home: string;
let userId: string;
let outsider: string;
let shared: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  home = await environment(portolan);
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  userId = admin.userId;
  outsider = (await token(portolan, { environments: [await environment(portolan)] })).token;
  shared = await makeObjects(portolan, { userId, environmentId: home });
});
afterAll(() => portolan.close());

/** Fresh objects for what changes them. Nobody stays suspended: that is a matter of the one organization. */
const objectsFor = async (id: OperationId): Promise<Objects> => {
  if (factsOf(id).method === 'get') return shared;
  await portolan.sql('update installation set suspended = false where suspended');
  return makeObjects(portolan, { userId, environmentId: home });
};

const headers = fc.record(
  {
    'if-match': fc.constantFrom('*', '"1.0"', 'broken'),
    'if-none-match': fc.constantFrom('*', 'broken'),
    'idempotency-key': fc.constantFrom('k', ' ', 'x'.repeat(201)),
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', 'x'),
    accept: fc.constantFrom('*/*', 'text/html', ''),
    'x-vcap-request-id': hostileText.map((text) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 300)),
    'x-b3-traceid': fc.constantFrom('463ac35c9f6413ad48485a3953bb6124', 'x'.repeat(100), '<>'),
  },
  { requiredKeys: [] },
);

/** Ids are drawn before the objects are there, so that a shrunk request is the same request. */
const kinds = ['service', 'environment', 'organization', 'package', 'build', 'droplet', 'currentDroplet', 'job'];
const placeholders: Objects = Object.fromEntries(kinds.map((kind) => [kind, `{${kind}}`]));
const filledIn = (text: string, objects: Objects): string =>
  text.replace(/\{(\w+)\}|%7B(\w+)%7D/g, (all, kind, encoded) => objects[kind ?? encoded] ?? all);

interface Drawn {
  body: unknown;
  query: string;
  headers: Record<string, string>;
  hostileId: string | null;
  outside: boolean;
}

async function check(id: OperationId, drawn: Drawn): Promise<void> {
  const objects = await objectsFor(id);
  const { path } = pathOf(id, objects);
  const first = Object.keys(path)[0];
  if (drawn.hostileId && first) path[first] = drawn.hostileId.toWellFormed();
  const call: Call = { path, headers: drawn.headers, query: filledIn(drawn.query, objects) };
  if (drawn.outside && factsOf(id).role !== 'public') call.token = outsider;
  if (drawn.body !== undefined) call.body = filledIn(JSON.stringify(drawn.body), objects);
  const answer = await portolan.call(id, call);
  if (answer.status === 500) throw new Error(`${id} answered 500: ${answer.text}`);
}

async function property(id: OperationId, body: fc.Arbitrary<unknown>, query: fc.Arbitrary<string>, hostileIds: boolean) {
  const texts = hostileText.filter((text) => !['', '.', '..'].includes(text));
  const hostileId = hostileIds
    ? fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: texts })
    : fc.constant(null);
  const outside = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
  const drawn = fc.record({ body, query, headers, hostileId, outside });
  await fc.assert(
    fc.asyncProperty(drawn, (request) => check(id, request as Drawn)),
    { seed, numRuns, endOnFailure: false },
  );
}

const takesBody = v3Ids.filter((id) => factsOf(id).body);
const always = { undefined: fc.constant(undefined) };

describe('the contract’s own example', () => {
  /** Droplets of docker apps are copied, not made: without `source_guid` nothing succeeds. */
  const queryOf = (id: OperationId, objects: Objects) =>
    id === 'createDroplet' ? { source_guid: objects.droplet as string } : {};
  test.each(takesBody)('%s accepts it', async (id) => {
    const objects = await objectsFor(id);
    const call = { path: pathOf(id, objects).path, body: acceptableBody(id, objects), query: queryOf(id, objects) };
    const answer = await portolan.call(id, call);
    if (answer.status >= 300) throw new Error(`${id} answers ${answer.status} to its example: ${answer.text}`);
  });
});

describe(`requests that the contract allows (FC_SEED=${seed})`, () => {
  test.each(v3Ids)('%s', (id) => property(id, validBody(id, placeholders), goodV3Query(id, placeholders), false));
});

describe(`requests that it does not allow (FC_SEED=${seed})`, () => {
  test.each(v3Ids)('%s', (id) =>
    property(id, factsOf(id).body ? invalidBody(id, placeholders) : always.undefined, badV3Query(id, placeholders), true),
  );
});
