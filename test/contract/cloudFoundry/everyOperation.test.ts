import { Writable } from 'node:stream';
import pino from 'pino';
import type { OperationId } from '../../../generated/operations';
import { V3Problem } from '../../../src/domain/cloudFoundry/problem';
import { Problem } from '../../../src/domain/errors';
import { notFoundTextOf, refusalOf, statusAndCode } from '../../support/cloudFoundry/v3Answers';
import { declaredStatuses, factsOf, responseOf, v3Ids } from '../../support/contract';
import { token } from '../../support/fixtures';
import { acceptableBody, makeObjects, type Objects, pathOf, unknownPathOf } from '../../support/objects';
import { type Answered, type Call, type Portolan, startPortolan } from '../../support/portolan';

/** What every operation of /v3 answers in the same way, whatever it does. */

const publicIds = v3Ids.filter((id) => factsOf(id).role === 'public');
const protectedIds = v3Ids.filter((id) => factsOf(id).role !== 'public');
const reads = v3Ids.filter((id) => factsOf(id).method === 'get');
const writes = v3Ids.filter((id) => factsOf(id).method !== 'get');
const withPathIds = v3Ids.filter((id) => Object.keys(factsOf(id).nouns).length > 0);
const each = (ids: readonly OperationId[]) => test.each(ids.map((id) => [id] as const));

/** A well-formed request that names nothing. */
function wellFormed(id: OperationId): Call {
  const body = acceptableBody(id, {});
  return { path: unknownPathOf(id), ...(body === undefined ? {} : { body }) };
}

let portolan: Portolan;
let objects: Objects;
let adminToken: string;
beforeAll(async () => {
  portolan = await startPortolan();
  const admin = await token(portolan);
  adminToken = admin.token;
  objects = await makeObjects(portolan, { userId: admin.userId });
});
afterAll(() => portolan.close());

const call = (id: OperationId, more: Call = {}) => portolan.call(id, { ...wellFormed(id), ...more });
const read = (id: OperationId, headers: Record<string, string> = {}) => portolan.call(id, { path: realPath(id), headers });
const realPath = (id: OperationId): Record<string, string> => {
  const { path, real } = pathOf(id, objects);
  if (!real) throw new Error(`test/support/objects.ts knows no object for ${JSON.stringify(factsOf(id).nouns)} of ${id}`);
  return path;
};
/** The path of an operation with these parameters, written as it is sent. */
const written = (id: OperationId, path: Record<string, string>, encode: (text: string) => string = encodeURIComponent) =>
  factsOf(id).path.replace(/\{(\w+)\}/g, (_, name: string) => encode(path[name] as string));

describe('the surface', () => {
  test('has operations', () => expect(protectedIds.length).toBeGreaterThan(0));
});

describe('without a credential', () => {
  each(protectedIds)('%s answers 401 10002', async (id) => {
    for (const headers of [{}, { authorization: '' }]) {
      const answer = await call(id, { token: null, headers });
      expect(refusalOf(answer)).toMatchObject({ status: 401, code: 10002, detail: 'Authentication error' });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });
});

describe('with a credential that is not acceptable', () => {
  const basic = `Basic ${Buffer.from('cf:').toString('base64')}`;
  const claims = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const foreign = `${claims({ alg: 'HS256', typ: 'JWT' })}.${claims({ sub: 'x', exp: 4e9, aud: ['cloud_controller'] })}.c2ln`;
  const schemes: [string, () => Promise<string> | string][] = [
    ['no scheme', () => 'secret'],
    ['Basic', () => basic],
    ['a scheme without a token', () => 'Bearer'],
    ['two tokens', () => `Bearer ${adminToken} ${adminToken}`],
    ['an unknown token', () => 'Bearer ptl_pat_0000000000000000000000000000000000000000000'],
    ['no JWT', () => 'bearer not-a-token'],
    ['a JWT of somebody else', () => `bearer ${foreign}`],
    ['an expired token', async () => `Bearer ${(await token(portolan, { expiresAt: '2020-01-01T00:00:00.000Z' })).token}`],
  ];
  describe.each(schemes)('%s', (_name, header) => {
    each(protectedIds)('%s answers 401 1000', async (id) => {
      const answer = await call(id, { token: null, headers: { authorization: await header() } });
      expect(refusalOf(answer)).toMatchObject({ status: 401, code: 1000, detail: 'Invalid Auth Token' });
    });
  });

  each(protectedIds)('%s takes "bearer" in any letter case', async (id) => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      expect((await call(id, { token: null, headers: { authorization: `${scheme} ${adminToken}` } })).status).not.toBe(401);
    }
  });
});

describe('with an empty bucket', () => {
  let starved: Portolan;
  beforeAll(async () => {
    starved = await startPortolan({ RATE_LIMIT_PRINCIPAL: '1', RATE_LIMIT_ADDRESS: '1' });
    await starved.send('GET', '/api/auth/me');
    await starved.send('GET', '/api/docs', { token: null });
  });
  afterAll(() => starved.close());

  function expectRefusal(answer: Answered, code: number): void {
    expect(statusAndCode(answer)).toEqual([429, code]);
    const { headers } = answer;
    expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['1', '0']);
    expect([headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual(['1', '0']);
    const wait = Number(headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    const nowSeconds = Date.now() / 1000;
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThanOrEqual(Math.floor(nowSeconds));
    expect(Number(headers['x-ratelimit-reset'])).toBeLessThanOrEqual(Math.ceil(nowSeconds) + 61);
  }

  each(protectedIds)('%s answers 429: 10013 to a principal, 10014 to an address', async (id) => {
    expectRefusal(await starved.call(id, wellFormed(id)), 10013);
    expectRefusal(await starved.call(id, { ...wellFormed(id), token: null }), 10014);
  });

  each(publicIds)('%s answers 429 10014 to an address, unless it is never limited', async (id) => {
    const answer = await starved.call(id, wellFormed(id));
    if (factsOf(id).rateLimit !== 'none') return expectRefusal(answer, 10014);
    expect([answer.status, answer.headers['x-ratelimit-limit']]).toEqual([200, undefined]);
  });
});

describe('while the database is away', () => {
  let away: Portolan;
  beforeAll(async () => {
    away = await startPortolan({}, { databaseUrl: 'postgres://portolan:none@127.0.0.1:1/nowhere' });
  });
  afterAll(() => away.close());

  each(protectedIds)('%s answers 503 10015', async (id) => {
    const answer = await away.call(id, { ...wellFormed(id), token: `ptl_pat_${'a'.repeat(43)}` });
    expect(statusAndCode(answer)).toEqual([503, 10015]);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1:1/);
  });
});

describe('when a handler fails', () => {
  const lines: { reqId?: string; requestId?: string; operationId?: string; err?: { message: string } }[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).split('\n').filter(Boolean)) lines.push(JSON.parse(line));
      done();
    },
  });
  let thrown: unknown;
  let broken: Portolan;
  let admin: string;
  beforeAll(async () => {
    const failing = Object.fromEntries(v3Ids.map((id) => [id, async () => Promise.reject(thrown)]));
    const log = pino({ level: 'error' }, sink);
    broken = await startPortolan({}, { log, parts: () => ({ handlers: failing as never }) });
    admin = (await token(broken)).token;
  });
  afterAll(() => broken.close());
  const fail = (id: OperationId, what: unknown) => {
    thrown = what;
    return broken.call(id, { ...wellFormed(id), ...(factsOf(id).role === 'public' ? {} : { token: admin }) });
  };

  each(v3Ids)('%s answers an opaque 500 10001, and the log has the cause', async (id) => {
    const answer = await fail(id, new Error('the-cause-canary'));
    expect(refusalOf(answer)).toMatchObject({ status: 500, code: 10001, title: 'UnknownError' });
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain('canary');
    const line = lines.find(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line).toMatchObject({ operationId: id, err: { message: 'the-cause-canary' } });
  });

  each(writes)('%s answers 409 10018 when its transaction loses again and again', async (id) => {
    for (const code of ['40001', '40P01']) {
      expect(statusAndCode(await fail(id, Object.assign(new Error('lost'), { code })))).toEqual([409, 10018]);
    }
  });

  each(protectedIds)('%s answers 503 10015 when something it needs is away', async (id) => {
    const answer = await fail(id, new Problem('unavailable', { message: 'Away.', retryAfterSeconds: 1 }));
    expect(statusAndCode(answer)).toEqual([503, 10015]);
    expect(answer.headers['retry-after']).toBe('1');
  });

  const anyRead = protectedIds.find((id) => factsOf(id).method === 'get') as OperationId;
  test.each([
    [undefined],
    [null],
    ['text'],
    [{ code: 'EACCES' }],
    [new TypeError('x')],
    [new V3Problem('nothing' as never, 'x')],
  ])('whatever is thrown, as %j, is a 500', async (what) => {
    expect(statusAndCode(await fail(anyRead, what))).toEqual([500, 10001]);
  });
});

describe('an id that names nothing', () => {
  const guids = [
    '01920000-0000-7000-8000-00000000d0ff',
    'not-a-guid',
    '👩‍🚀🛰️',
    'x'.repeat(200),
    'a/b/../c',
    "'; drop table droplets; --",
    '%00',
    '%',
    'current',
    '.hidden',
    'null',
    ' ',
    '01920000-0000-7000-8000-00000000D0FF ',
  ];
  each(withPathIds)('%s answers 404 10010 with its noun, whatever the guid looks like', async (id) => {
    for (const guid of guids) {
      const path = Object.fromEntries(Object.keys(factsOf(id).nouns).map((name) => [name, guid]));
      const answer = await call(id, { path });
      expect([guid, refusalOf(answer)]).toEqual([
        guid,
        expect.objectContaining({ status: 404, code: 10010, detail: notFoundTextOf(id) }),
      ]);
    }
  });

  each(withPathIds)('%s answers 404 to bytes that are no text', async (id) => {
    const guid = Object.fromEntries(Object.keys(factsOf(id).nouns).map((name) => [name, '%ff']));
    const { method } = factsOf(id);
    const answer = await portolan.send(
      method.toUpperCase(),
      written(id, guid, (text) => text),
      { body: acceptableBody(id, {}) },
    );
    expect(answer.status).toBe(404);
    refusalOf(answer);
  });
});

describe('paths', () => {
  const templates = [...new Set(v3Ids.map((id) => factsOf(id).path))];
  const unknown = { status: 404, code: 10000, detail: 'Unknown request' };

  test.each(templates)('%s with another method answers 404 10000, never 405', async (template) => {
    const known = v3Ids.filter((id) => factsOf(id).path === template).map((id) => factsOf(id).method.toUpperCase());
    const path = template.replace(/\{\w+\}/g, 'x');
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'].filter((one) => !known.includes(one))) {
      const answer = await portolan.send(method, path);
      expect([method, refusalOf(answer)]).toEqual([method, expect.objectContaining(unknown)]);
      expect(answer.headers.allow).toBeUndefined();
    }
  });

  test.each([
    '/v3/nothing',
    '/v3/stacks',
    '/v3/buildpacks',
    '/v3/service_brokers',
    '/v3/domains',
    '/v3/users',
    '/v3/audit_events',
    '/v3/feature_flags',
    '/v3/droplets/a/b/c',
    '/v3/apps/x/manifest',
    '/v3/apps/x/env',
    '/v3/DROPLETS',
    '/v2/info',
    '/v2/apps',
  ])('%s answers 404 10000, with and without a credential', async (path) => {
    for (const bearer of [undefined, null]) {
      expect(refusalOf(await portolan.send('GET', path, bearer === null ? { token: null } : {}))).toMatchObject(unknown);
    }
  });
});

describe('reading', () => {
  /** Headers that belong to one exchange, not to what is read. */
  const fleeting = [
    'date',
    'connection',
    'keep-alive',
    'x-request-id',
    'x-vcap-request-id',
    'ratelimit-remaining',
    'ratelimit-reset',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
  ];
  const lasting = ({ headers }: Answered) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !fleeting.includes(name)));

  each(reads)('%s answers JSON with its standing and without an ETag', async (id) => {
    const { headers, status } = await read(id);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers.etag).toBeUndefined();
    if (factsOf(id).rateLimit === 'none') return;
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'ratelimit-limit']) {
      expect([status, name, String(headers[name])]).toEqual([status, name, expect.stringMatching(/^\d+$/)]);
    }
  });

  each(reads)('%s answers HEAD as GET, without the body', async (id) => {
    const [got, head] = [await read(id), await portolan.send('HEAD', written(id, realPath(id)))];
    expect([head.status, lasting(head), head.text]).toEqual([got.status, lasting(got), '']);
  });

  each(reads)('%s is the same at its path with more slashes', async (id) => {
    const [at, plain] = [written(id, realPath(id)), await read(id)];
    for (const path of [`${at}/`, at.replace('/', '//'), `${at.replaceAll('/', '//')}//`]) {
      const answer = await portolan.send('GET', path);
      expect([path, answer.status, lasting(answer)]).toEqual([path, plain.status, lasting(plain)]);
    }
  });

  each(reads)('%s takes a JSON content type, with an empty body or one that it does not read', async (id) => {
    const { status } = await read(id);
    for (const body of [undefined, '', '{}', '{"a":']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await portolan.call(id, { path: realPath(id), headers, ...(body === undefined ? {} : { body }) });
      expect([body, answer.status]).toEqual([body, status]);
    }
  });

  each(v3Ids)('%s promises no ETag, and 404, 405 or 412 only where it can answer them', async (id) => {
    for (const status of declaredStatuses(id)) expect(responseOf(id, Number(status))?.headers?.ETag).toBeUndefined();
    for (const never of ['304', '405', '412', '413', '415']) expect(declaredStatuses(id)).not.toContain(never);
  });
});

describe('headers that belong to /api', () => {
  const apiHeaders = { 'if-match': '"999.0"', 'if-none-match': '*', 'idempotency-key': 'x'.repeat(300), 'x-dry-run': 'x' };
  each(v3Ids)('%s ignores them', async (id) => {
    const [plain, with_] = [await call(id), await call(id, { headers: apiHeaders })];
    expect([with_.status, with_.text]).toEqual([plain.status, plain.text]);
    expect(with_.headers['idempotent-replayed']).toBeUndefined();
  });
});

describe('X-VCAP-Request-ID', () => {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

  each(v3Ids)('%s gives one of its own, or one that begins with the client’s', async (id) => {
    const idOf = async (headers: Record<string, string>) =>
      (await call(id, { token: null, headers })).headers['x-vcap-request-id'];
    expect(await idOf({})).toMatch(new RegExp(`^${uuid}$`));
    expect(await idOf({ 'x-vcap-request-id': 'My_id-1' })).toMatch(new RegExp(`^My_id-1::${uuid}$`));
    expect(await idOf({ 'x-request-id': 'other' })).toMatch(new RegExp(`^other::${uuid}$`));
    expect(await idOf({ 'x-vcap-request-id': 'first', 'x-request-id': 'second' })).toMatch(/^first::/);
    expect(await idOf({ 'x-vcap-request-id': 'a b<script>.c' })).toMatch(new RegExp(`^abscriptc::${uuid}$`));
    expect(await idOf({ 'x-vcap-request-id': '<>' })).toMatch(new RegExp(`^${uuid}$`));
    expect(await idOf({ 'x-vcap-request-id': 'y'.repeat(300) })).toMatch(new RegExp(`^y{255}::${uuid}$`));
  });

  each(v3Ids)('%s gives the trace back', async (id) => {
    const headers = { 'x-b3-traceid': '463ac35c9f6413ad48485a3953bb6124', 'x-b3-spanid': 'a2fb4a1d1a96d312' };
    const answer = await call(id, { token: null, headers });
    expect(answer.headers).toMatchObject(headers);
    expect((await call(id, { token: null })).headers['x-b3-traceid']).toBeUndefined();
  });

  test('is on answers of unknown paths too', async () => {
    const answer = await portolan.send('GET', '/v3/nothing', { headers: { 'x-vcap-request-id': 'mine' } });
    expect(answer.headers['x-vcap-request-id']).toMatch(/^mine::/);
  });
});
