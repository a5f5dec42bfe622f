import { bridgeport } from '../../../src/http/compat/bridgeport';
import { plain } from '../../../src/http/dialect';
import type { OperationFacts } from '../../../src/http/operationFacts';
import { apiIds, factsOf, operationIds } from '../../support/contract';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { hostRow } from '../../support/servers';

const spoken = (compatibility: OperationFacts['compatibility'], more: Partial<OperationFacts> = {}) =>
  bridgeport({ ...factsOf('updateServer'), ...more, ...(compatibility ? { compatibility } : {}) });
const told = (texts: Record<string, string | null>, body: unknown) => spoken({ texts }).told({ body }).body;

describe('answers', () => {
  test('a member at its place becomes JSON text, wherever the object is nested', () => {
    const texts = { 'services[].baseEnv': null, 'services[].serviceDeployments[].envOverrides': null };
    const services = [{ baseEnv: { A: '1' }, serviceDeployments: [{ envOverrides: { B: 'ü"\n' }, tags: ['x'] }] }];
    expect(told(texts, { services, total: 1 })).toEqual({
      services: [{ baseEnv: '{"A":"1"}', serviceDeployments: [{ envOverrides: '{"B":"ü\\"\\n"}', tags: ['x'] }] }],
      total: 1,
    });
  });

  test.each([
    [null, {}, null],
    [null, [], null],
    [null, null, null],
    ['[]', [], '[]'],
    ['[]', ['b', 'a'], '["b","a"]'],
  ])('empty as %j: %j is told as %j', (empty, value, expected) => {
    expect(told({ 'server.tags': empty }, { server: { tags: value } })).toEqual({ server: { tags: expected } });
  });

  test('a member of the same name elsewhere stays as it is, and one that is absent stays absent', () => {
    const body = { server: { latestDigest: { tags: ['1'] }, nested: [{ tags: ['2'] }] }, tags: ['3'] };
    expect(told({ 'server.tags': '[]' }, body)).toEqual(body);
    expect(told({ 'server.tags': '[]' }, { server: null })).toEqual({ server: null });
  });

  test('what the handler gave is not changed', () => {
    const body = { server: { tags: ['a'] } };
    told({ 'server.tags': '[]' }, body);
    expect(body).toEqual({ server: { tags: ['a'] } });
  });

  test('an answer without a body passes', () => {
    expect(spoken({ texts: { 'server.tags': '[]' } }).told({})).toEqual({});
  });
});

describe('bodies', () => {
  const blanks = { blanks: ['tagFilter'] };
  test('"" in a marked member counts as absent in a PATCH', () => {
    const { heard } = spoken(blanks, { method: 'patch' });
    expect(heard({ tagFilter: '', name: '' })).toEqual({ name: '' });
    expect(heard({ tagFilter: 'latest' })).toEqual({ tagFilter: 'latest' });
    expect(heard({ tagFilter: null })).toEqual({ tagFilter: null });
    expect(heard(undefined)).toBeUndefined();
    expect(heard([''])).toEqual(['']);
  });

  test('elsewhere it is sent on', () => {
    expect(spoken(blanks, { method: 'post' }).heard({ tagFilter: '' })).toEqual({ tagFilter: '' });
  });
});

describe('the contract', () => {
  /** The marked members, by the object that holds them. */
  const marked = () => {
    const places = operationIds.flatMap((id) => Object.keys(factsOf(id).compatibility?.texts ?? {}));
    return [...new Set(places.map((place) => place.split('.').slice(-2).join('.')))].sort();
  };

  test('marks tags of a server, baseEnv of a service, envOverrides and exposedPorts of a placement, and nothing else', () => {
    expect(marked()).toEqual(
      [
        'deployment.envOverrides',
        'deployment.exposedPorts',
        'deployments[].envOverrides',
        'deployments[].exposedPorts',
        'server.tags',
        'serviceDeployments[].envOverrides',
        'serviceDeployments[].exposedPorts',
        'service.baseEnv',
        'service.exposedPorts',
        'services[].baseEnv',
        'services[].exposedPorts',
        'servers[].tags',
      ].sort(),
    );
    expect(factsOf('listImageDigests').compatibility).toBeUndefined();
  });

  test('marks two members that may be blank', () => {
    const blank = operationIds.flatMap((id) => (factsOf(id).compatibility?.blanks ?? []).map((name) => [id, name]));
    expect(blank).toEqual([
      ['updateContainerImage', 'tagFilter'],
      ['updateConfigFile', 'language'],
    ]);
  });

  test('preconditions compare the resource as it is told', () => {
    expect(factsOf('updateServer').compatibility?.resource).toMatchObject({ tags: '[]' });
    expect(factsOf('deleteServer').compatibility?.resource).toMatchObject({ tags: '[]' });
    expect(factsOf('listServers').compatibility?.resource).toBeUndefined();
  });
});

describe('lists', () => {
  test('every list has 1000 as default limit', () => {
    const lists = apiIds.filter((id) => factsOf(id).query.limit);
    expect(lists.length).toBeGreaterThan(20);
    expect(lists.filter((id) => bridgeport(factsOf(id)).facts.query.limit?.default !== 1000)).toEqual([]);
    expect(lists.filter((id) => plain(factsOf(id)).facts.query.limit?.default === 1000)).toEqual([]);
  });
});

describe('a service in this mode', () => {
  let portolan: Portolan;
  let envId: string;
  beforeAll(async () => {
    portolan = await startPortolan({ PORTOLAN_COMPAT: 'bridgeport' });
    envId = await environment(portolan);
  });
  afterAll(() => portolan.close());

  const server = (id: string, headers: Record<string, string> = {}) => portolan.send('GET', `/api/servers/${id}`, { headers });

  test('lists hold more than 100 objects without being asked', async () => {
    for (let i = 0; i < 101; i++) await hostRow(portolan, envId, { tags: JSON.stringify([`n${i}`]) });
    const { body } = await portolan.send('GET', `/api/environments/${envId}/servers`);
    expect([body.servers.length, body.nextCursor]).toEqual([101, null]);
    expect(body.servers.every(({ tags }: { tags: unknown }) => typeof tags === 'string')).toBe(true);
    const asked = await portolan.send('GET', `/api/environments/${envId}/servers`, { query: { limit: 5 } });
    expect(asked.body.servers).toHaveLength(5);
  });

  test('the ETag is that of what is sent: 304, If-Match and the currentEtag of a 412 agree', async () => {
    const id = await hostRow(portolan, envId, { tags: JSON.stringify(['a', 'b']) });
    const read = await server(id);
    expect(read.body.server.tags).toBe('["a","b"]');
    const etag = read.headers.etag as string;
    expect((await server(id, { 'if-none-match': etag })).status).toBe(304);
    const stale = { 'if-match': '"999.0"' };
    for (const [method, body] of [['PATCH', { tags: ['c'] }] as const, ['DELETE', undefined] as const]) {
      const refused = await portolan.send(method, `/api/servers/${id}`, { body, headers: stale });
      expect([refused.status, refused.body.details.currentEtag]).toEqual([412, etag]);
    }
    const patched = await portolan.send('PATCH', `/api/servers/${id}`, { body: { tags: [] }, headers: { 'if-match': etag } });
    expect([patched.status, patched.body.server.tags]).toEqual([200, '[]']);
    expect((await server(id)).headers.etag).toBe(patched.headers.etag);
  });

  test('a replay is the answer that was given', async () => {
    const call = {
      body: { name: unique('host'), hostname: '10.0.0.5', tags: ['x'] },
      headers: { 'idempotency-key': unique('key') },
    };
    const first = await portolan.send('POST', `/api/environments/${envId}/servers`, call);
    const again = await portolan.send('POST', `/api/environments/${envId}/servers`, call);
    expect(first.body.server.tags).toBe('["x"]');
    expect([again.status, again.text, again.headers.etag]).toEqual([201, first.text, first.headers.etag]);
    expect(again.headers['idempotent-replayed']).toBe('true');
  });

  test('requests keep real arrays', async () => {
    const body = { name: unique('host'), hostname: '10.0.0.5', tags: '["x"]' };
    const refused = await portolan.send('POST', `/api/environments/${envId}/servers`, { body });
    expect([refused.status, refused.body.field]).toEqual([400, 'tags']);
  });

  test('it is off by default', async () => {
    const other = await startPortolan();
    try {
      const id = await hostRow(other, await environment(other), { tags: JSON.stringify(['a']) });
      expect((await other.call('getServer', { path: { id } })).body.server.tags).toEqual(['a']);
    } finally {
      await other.close();
    }
  });
});
