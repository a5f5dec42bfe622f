import type { Exchange } from '../../../src/http/exchange';
import { type Mock, startMock } from '../../support/mock';

/** What a consumer's tests see of the mock. */

let mock: Mock;
const seen: (string | number)[][] = [];
beforeAll(async () => {
  const ended = ({ operationId }: Exchange, status: number) => void seen.push([operationId, status]);
  mock = await startMock({ corsOrigin: ['https://app.example.com'], ended });
});
afterAll(() => mock.close());

const id = '01920000-0000-7000-8000-00000000a001';
const other = '01920000-0000-7000-8000-0000000fffff';

describe('200', () => {
  test('by Prefer: example=empty for a list without objects, in both manners', async () => {
    const api = await mock.call('listRegistries', { prefer: 'example=empty' });
    expect(api.body).toEqual({ registries: [], total: 0, nextCursor: null });
    const v3 = await mock.call('listApps', { prefer: 'example="empty"' });
    expect(v3.body).toMatchObject({ resources: [], pagination: { total_results: 0 } });
  });

  test('by Prefer: example=more for a page that another one follows, whose cursor is good for this list alone', async () => {
    const first = await mock.call('listServices', { query: 'sort=-name&q=shop', prefer: 'example=more' });
    const cursor = first.body.nextCursor;
    const second = await mock.call('listServices', { query: `sort=-name&q=shop&cursor=${cursor}` });
    expect([second.status, second.body.nextCursor]).toEqual([200, null]);
    const elsewhere = await mock.call('listServices', { query: `sort=name&cursor=${cursor}` });
    expect([elsewhere.status, elsewhere.body.field]).toEqual([400, 'cursor']);
  });

  test('with links that lead to the mock', async () => {
    const { body } = await mock.call('listApps');
    expect(body.pagination.first.href).toBe(`${mock.url}/v3/apps?page=1&per_page=50`);
    expect((await mock.send('GET', '/')).body.links.self.href).toBe(`${mock.url}/`);
  });

  test('with the contract, the health of the process and the reference', async () => {
    expect((await mock.send('GET', '/health', { token: null })).body).toMatchObject({ status: 'ok' });
    const { body, headers } = await mock.send('GET', '/openapi.json', { token: null });
    expect([body.openapi, typeof headers.etag]).toEqual(['3.1.0', 'string']);
    expect((await mock.send('GET', '/api/docs', { token: null })).text).toContain('swagger-ui-bundle.js');
  });

  test('with bytes for a file, and the name to save it under', async () => {
    const { headers } = await mock.call('downloadConfigFile');
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '256' });
    expect(headers['content-disposition']).toMatch(/filename=/);
  });

  test('with a few events, after the last one that the client has seen', async () => {
    const { text, headers } = await mock.call('streamEvents');
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
    expect(text).toContain('event: resource_changed');
    const [last] = [...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1]).slice(-1);
    const again = await mock.call('streamEvents', { headers: { 'last-event-id': last as string } });
    expect(again.text).not.toContain('event: resource_changed');
  });

  test('to a client of work that was queued: it ends', async () => {
    const { headers, body } = await mock.call('checkRegistryUpdates');
    expect(body.operation.state).toBe('queued');
    const ended = await mock.send('GET', String(headers.location));
    expect([ended.body.operation.state, ended.headers['retry-after']]).toEqual(['succeeded', undefined]);
    const running = await mock.send('GET', String(headers.location), { prefer: 'example=running' });
    expect([running.body.operation.state, running.headers['retry-after']]).toEqual(['running', '1']);
  });
});

describe('304', () => {
  test('for the ETag that the mock gave', async () => {
    const { headers } = await mock.call('getRegistry', { path: { id } });
    const again = await mock.call('getRegistry', { path: { id }, headers: { 'if-none-match': String(headers.etag) } });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});

describe('400', () => {
  test('for an unknown member, with the name that was meant', async () => {
    const { status, body } = await mock.call('createEnvironment', { body: { name: 'prod', displayname: 'Production' } });
    expect([status, body.code, body.field, body.hint]).toEqual([
      400,
      'VALIDATION_ERROR',
      'displayname',
      'Did you mean displayName?',
    ]);
  });

  test('for a sort, a parameter, a key and an If-Match that the service would refuse', async () => {
    expect((await mock.call('listServices', { query: 'sort=colour' })).body.field).toBe('sort');
    expect((await mock.call('listServices', { query: 'limt=3' })).body.hint).toBe('Did you mean limit?');
    expect((await mock.call('createEnvironment', { headers: { 'idempotency-key': '' } })).body.field).toBe('Idempotency-Key');
    expect((await mock.call('updateRegistry', { headers: { 'if-match': '7' } })).body.field).toBe('If-Match');
  });

  test('for a status that the operation never answers, and an example that there is not, in the manner of each surface', async () => {
    const code = await mock.call('getHealth', { prefer: 'code=418' });
    expect([code.status, code.body.field, code.body.hint]).toEqual([400, 'Prefer', expect.stringContaining('200')]);
    const example = await mock.call('listRegistries', { prefer: 'example=emtpy' });
    expect([example.status, example.body.hint]).toEqual([400, 'Did you mean empty?']);
    const v3 = await mock.call('listApps', { prefer: 'code=418' });
    expect([v3.status, v3.body.errors[0].title]).toEqual([400, 'CF-BadQueryParameter']);
    const uaa = await mock.call('createOauthToken', { prefer: 'code=418' });
    expect([uaa.status, uaa.body.error]).toEqual([400, 'invalid_request']);
  });
});

describe('401', () => {
  test('without a token, and for a header that holds none; any token will do', async () => {
    expect((await mock.call('listUsers', { token: null })).headers['www-authenticate']).toBe('Bearer');
    expect((await mock.call('listUsers', { token: null, headers: { authorization: 'Basic abc' } })).status).toBe(401);
    expect((await mock.call('listUsers', { token: 'whatever' })).status).toBe(200);
    expect((await mock.call('listApps', { token: null })).body.errors[0].title).toBe('CF-NotAuthenticated');
  });
});

describe('404', () => {
  test('for an unknown path and an unknown method, with a hint', async () => {
    const path = await mock.send('GET', '/api/registry');
    expect([path.status, path.body.code, path.body.hint]).toEqual([404, 'NOT_FOUND', expect.stringContaining('/openapi.json')]);
    const method = await mock.send('PUT', `/api/registries/${id}`);
    expect([method.status, method.headers.allow]).toEqual([404, 'GET, PATCH, DELETE, HEAD']);
    expect((await mock.send('GET', '/v3/nothing')).body.errors[0].title).toBe('CF-NotFound');
    expect((await mock.send('GET', '/metrics')).status).toBe(404);
  });

  test('for what is no id; every other id is known', async () => {
    expect((await mock.call('getRegistry', { path: { id: '42' } })).status).toBe(404);
    expect((await mock.call('getRegistry', { path: { id: other } })).status).toBe(200);
  });

  test('by Prefer: code=404', async () => {
    const { status, body, headers } = await mock.call('getRegistry', { prefer: 'respond-async, code=404; why="test"' });
    expect([status, body.code, headers['cache-control']]).toEqual([404, 'NOT_FOUND', 'no-store']);
  });
});

describe('415', () => {
  test('for a body that is no JSON by its type', async () => {
    expect((await mock.call('createEnvironment', { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });
});

describe('422', () => {
  test('for a read-only member', async () => {
    const { status, body } = await mock.call('createEnvironment', { body: { name: 'prod', id } });
    expect([status, body.code, body.field]).toEqual([422, 'READONLY_FIELD', 'id']);
  });
});

describe('a browser', () => {
  test('may send Prefer, and read what was applied, from an origin that was named', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
    const preflight = await mock.send('OPTIONS', '/api/registries', { headers });
    expect(preflight.headers['access-control-allow-headers']).toMatch(/\bPrefer\b/);
    const answer = await mock.call('getHealth', { headers: { origin: 'https://app.example.com' } });
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example.com');
    expect(answer.headers['access-control-expose-headers']).toMatch(/\bPreference-Applied\b/);
  });
});

describe('a HEAD request', () => {
  test('has the head of the answer to GET', async () => {
    const { status, headers, text } = await mock.send('HEAD', `/api/registries/${id}`);
    expect([status, typeof headers.etag, text]).toEqual([200, 'string', '']);
  });
});

test('each request is told of once it is answered', async () => {
  seen.length = 0;
  await mock.call('getRegistry', { prefer: 'code=404' });
  await mock.send('GET', '/nothing');
  expect(seen).toEqual([
    ['getRegistry', 404],
    ['none', 404],
  ]);
});
