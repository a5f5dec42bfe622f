import { operations } from '../../generated/operations';
import { operationsOf } from '../../scripts/generate/contract';
import { deprecatedFacts } from '../../scripts/generate/deprecatedFacts';
import { tellDeprecation } from '../../src/http/deprecation';
import type { DeprecatedFacts, OperationFacts } from '../../src/http/operationFacts';
import type { Headers } from '../../src/http/respond';
import { type Any, boat, boats, schemas, withFault } from '../contract/fixtures/faults';
import { type Mock, startMock } from '../support/mock';
import { type Portolan, startPortolan } from '../support/portolan';

/** Whoever uses what is deprecated is told with the answer; nobody else is. */

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan({ CORS_ORIGIN: '*' });
});
afterAll(() => portolan.close());

const toldOf = (headers: object) => {
  const { deprecation, sunset, link } = headers as Record<string, string | undefined>;
  return [deprecation, sunset, link];
};

describe('a deprecated parameter', () => {
  test('is told of when it is used, also when the answer is a refusal', async () => {
    const link = '</api/docs#/environments/listEnvironments>; rel="deprecation"; type="text/html"';
    const expected = ['@1795219200', 'Tue, 30 Nov 2027 00:00:00 GMT', link];
    expect(toldOf((await portolan.call('listEnvironments', { query: 'offset=0' })).headers)).toEqual(expected);
    const refused = await portolan.call('listEnvironments', { query: 'offset=-1' });
    expect([refused.status, ...toldOf(refused.headers)]).toEqual([400, ...expected]);
    const unknown = await portolan.call('listEnvironments', { query: 'offset=0', token: 'none' });
    expect([unknown.status, ...toldOf(unknown.headers)]).toEqual([401, ...expected]);
  });

  test('is not told of when it is not used', async () => {
    const nothing = [undefined, undefined, undefined];
    expect(toldOf((await portolan.call('listEnvironments')).headers)).toEqual(nothing);
    expect(toldOf((await portolan.call('listEnvironments', { query: 'limit=1&q=offset' })).headers)).toEqual(nothing);
  });

  test('may be read by scripts of other origins', async () => {
    const { headers } = await portolan.call('listEnvironments', { headers: { origin: 'https://app.example.com' } });
    for (const name of ['Deprecation', 'Sunset', 'Link']) {
      expect(String(headers['access-control-expose-headers']).split(',')).toContain(name);
    }
  });
});

describe('a deprecated operation, and a deprecated member', () => {
  let mock: Mock;
  const marks = { since: 1000, sunset: 86_400 };
  const facts: OperationFacts = operations.createEnvironment;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterEach(() => {
    delete facts.deprecated;
  });
  afterAll(() => mock.close());

  test('tell of themselves through the edge', async () => {
    facts.deprecated = { operation: marks };
    expect(toldOf((await mock.call('createEnvironment')).headers)).toEqual([
      '@1000',
      'Fri, 02 Jan 1970 00:00:00 GMT',
      '</api/docs#/environments/createEnvironment>; rel="deprecation"; type="text/html"',
    ]);
    expect(toldOf((await mock.call('createEnvironment', { token: null })).headers)[0]).toBe('@1000');
    facts.deprecated = { body: { displayName: marks } };
    const call = (body: object) => mock.call('createEnvironment', { body });
    expect(toldOf((await call({ name: 'a', displayName: 'A' })).headers)[0]).toBe('@1000');
    expect(toldOf((await call({ name: 'a' })).headers)[0]).toBeUndefined();
  });
});

const cases: [what: string, facts: DeprecatedFacts, used: { rawQuery?: string; body?: unknown }, expected: string | undefined][] =
  [
    ['a member of a list', { body: { 'crew[].rank': { since: 5, sunset: 9 } } }, { body: { crew: [{}, { rank: 1 }] } }, '@5'],
    ['no such member', { body: { 'crew[].rank': { since: 5, sunset: 9 } } }, { body: { crew: [{}], rank: 1 } }, undefined],
    [
      'a member of a member, null',
      { body: { 'mast.height': { since: 5, sunset: 9 } } },
      { body: { mast: { height: null } } },
      '@5',
    ],
    ['a list of lists', { body: { 'rows[][].at': { since: 5, sunset: 9 } } }, { body: { rows: [[{ at: 1 }]] } }, '@5'],
    ['something else than a list', { body: { 'crew[].rank': { since: 5, sunset: 9 } } }, { body: { crew: 'all' } }, undefined],
    ['a body that is a list', { body: { '[].rank': { since: 5, sunset: 9 } } }, { body: [{ rank: 1 }] }, '@5'],
    [
      'the earliest of two',
      { operation: { since: 7, sunset: 9 }, query: { a: { since: 5, sunset: 8 } } },
      { rawQuery: 'b=1&a' },
      '@5',
    ],
  ];
test.each(cases)('%s', (_what, deprecated, { rawQuery = '', body }, expected) => {
  const headers: Headers = {};
  tellDeprecation(headers, 'getBoat', { family: 'boats', deprecated }, { rawQuery, body });
  expect(headers.Deprecation).toBe(expected);
});

test('the table of operations has what the contract marks, and only there', () => {
  const mark = { deprecated: true, 'x-deprecated-since': '2026-11-01', 'x-sunset': '2027-05-01', 'x-successor': 'Nothing.' };
  const contract = withFault((d: Any) => {
    Object.assign(boat(d).get, mark);
    Object.assign(
      boats(d).get.parameters.find((one: Any) => one.name === 'kind'),
      mark,
    );
    Object.assign(schemas(d).BoatCreate.properties.length, mark);
    schemas(d).BoatCreate.properties.sails = { type: 'array', items: { type: 'object', properties: { area: { ...mark } } } };
  });
  const told = { since: 1793491200, sunset: 1809129600 };
  const found = operationsOf(contract).map((one) => [one.operation.operationId, deprecatedFacts(contract, one)]);
  expect(Object.fromEntries(found.filter(([, facts]) => facts))).toEqual({
    getBoat: { operation: told },
    listBoats: { query: { kind: told } },
    createBoat: { body: { length: told, 'sails[].area': told } },
  });
});
