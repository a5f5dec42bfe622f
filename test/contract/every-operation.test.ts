import { Writable } from 'node:stream';
import pino from 'pino';
import type { OperationId } from '../../generated/operations';
import { Problem } from '../../src/domain/errors';
import { apiIds, declaredStatuses, exampleBodyOf, factsOf, takesHeader } from '../support/contract';
import { token, unique } from '../support/fixtures';
import { bodyFor } from '../support/multipart';
import { makeObjects, type Objects, pathOf, unknownPathOf } from '../support/objects';
import { type Answered, type Call, type Portolan, startPortolan } from '../support/portolan';

/** What every operation answers in the same way, whatever it does. */

const publicIds = apiIds.filter((id) => factsOf(id).role === 'public');
const protectedIds = apiIds.filter((id) => factsOf(id).role !== 'public');
const reads = apiIds.filter((id) => factsOf(id).method === 'get');
const keyed = apiIds.filter((id) => takesHeader(id, 'Idempotency-Key'));
const withPathIds = apiIds.filter((id) => Object.keys(factsOf(id).nouns).length > 0);

/** A well-formed request that names nothing. */
function wellFormed(id: OperationId): Call {
  const body = exampleBodyOf(id);
  return { path: unknownPathOf(id), ...(body === undefined ? {} : { body }) };
}

const code = ({ status, body }: Answered) => [status, body.code];
const isNumber = (header: unknown) => expect(String(header)).toMatch(/^\d+$/);

function expectRateLimitHeaders({ headers }: Answered): void {
  for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']) isNumber(headers[name]);
}

function expectSecurityHeaders({ headers }: Answered): void {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
  });
  expect(headers['x-powered-by']).toBeUndefined();
}

let portolan: Portolan;
let objects: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  // An API token: logout ends a login.
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  objects = await makeObjects(portolan, { userId: admin.userId });
});
afterAll(() => portolan.close());

/** The real object of a path; a noun without fixture is told at once. */
function realPath(id: OperationId): Record<string, string> {
  const { path, real } = pathOf(id, objects);
  if (!real) throw new Error(`test/support/objects.ts knows no object for ${JSON.stringify(factsOf(id).nouns)} of ${id}`);
  return path;
}

describe('without a credential', () => {
  test.each(protectedIds)('%s answers 401 and names the scheme', async (id) => {
    const answer = await portolan.call(id, { ...wellFormed(id), token: null });
    expect(code(answer)).toEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
    expectRateLimitHeaders(answer);
    expectSecurityHeaders(answer);
  });
});

describe('with an empty bucket', () => {
  let starved: Portolan;
  const one = {
    RATE_LIMIT_PRINCIPAL: '1',
    RATE_LIMIT_ADDRESS: '1',
    RATE_LIMIT_LOGIN_ADDRESS: '1',
    RATE_LIMIT_LOGIN_ACCOUNT: '1',
  };
  beforeAll(async () => {
    starved = await startPortolan(one);
    await starved.send('GET', '/api/auth/me');
    await starved.send('GET', '/api/docs', { token: null });
  });
  afterAll(() => starved.close());

  function expectRefusal(answer: Answered): void {
    expect(code(answer)).toEqual([429, 'RATE_LIMITED']);
    expectRateLimitHeaders(answer);
    expect(answer.headers['ratelimit-remaining']).toBe('0');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    expectSecurityHeaders(answer);
  }

  const limited = apiIds.filter((id) => factsOf(id).rateLimit !== 'none');
  test.each(limited)('%s answers 429 and when to come again', async (id) => {
    expectRefusal(await starved.call(id, wellFormed(id)));
  });

  test.each(protectedIds)('%s counts requests without a credential against their address, before it refuses them', async (id) => {
    expectRefusal(await starved.call(id, { ...wellFormed(id), token: null }));
  });

  test.each(publicIds.filter((id) => !limited.includes(id)))('%s is not limited', async (id) => {
    for (let i = 0; i < 3; i++) {
      const answer = await starved.call(id, { path: pathOf(id, {}).path });
      expect(answer.status).toBe(200);
      expect(answer.headers['ratelimit-limit']).toBeUndefined();
    }
  });
});

describe('while the database is away', () => {
  /** They answer from memory. */
  const fromMemory = publicIds.filter((id) => id !== 'getReadiness' && id !== 'login');
  const principal = {
    kind: 'user' as const,
    id: '01920000-0000-7000-8000-000000000001',
    email: 'known@example.com',
    name: null,
    role: 'admin' as const,
    scopes: null,
    environmentIds: null,
    credential: { kind: 'login' as const, id: '01920000-0000-7000-8000-000000000002' },
    installationSuspended: false,
  };
  const look = async () => new Map();
  const remembering = { authenticate: async () => principal, look, forget() {}, flush: async () => {}, close: async () => {} };
  const nowhere = 'postgres://portolan:none@127.0.0.1:1/nowhere';
  const apiToken = `ptl_pat_${'a'.repeat(43)}`;
  const jwt = [{ alg: 'ES256', kid: 'k' }, { sid: principal.id }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  let away: Portolan;
  let known: Portolan;
  beforeAll(async () => {
    away = await startPortolan({}, { databaseUrl: nowhere });
    known = await startPortolan(
      {},
      { databaseUrl: nowhere, parts: ({ database }) => ({ authenticator: remembering, publicNeeds: { database } }) },
    );
  });
  afterAll(() => Promise.all([away.close(), known.close()]));

  function expectUnavailable(answer: Answered): void {
    expect(code(answer)).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1:1/);
  }

  test.each(protectedIds)('%s answers 503 to any credential', async (id) => {
    expectUnavailable(await away.call(id, { ...wellFormed(id), token: apiToken }));
    expectUnavailable(await away.call(id, { ...wellFormed(id), token: `${jwt.join('.')}.c2ln` }));
  });

  test.each(protectedIds.filter((id) => id !== 'getCurrentPrincipal'))(
    '%s answers 503 to a credential that is remembered',
    async (id) => {
      expectUnavailable(await known.call(id, { ...wellFormed(id), token: apiToken }));
    },
  );

  test('getCurrentPrincipal is answered from memory to a credential that is remembered', async () => {
    expect((await known.call('getCurrentPrincipal', { token: apiToken })).status).toBe(200);
  });

  test.each(['getReadiness', 'login'] as const)('%s answers 503', async (id) => {
    expectUnavailable(await away.call(id, wellFormed(id)));
  });

  test.each(fromMemory)('%s answers', async (id) => {
    expect((await away.call(id, { path: pathOf(id, {}).path })).status).toBe(200);
  });
});

describe('when a handler fails', () => {
  const lines: { msg: string; requestId?: string; operationId?: string; err?: { message: string } }[] = [];
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
    const failing = Object.fromEntries(apiIds.map((id) => [id, async () => Promise.reject(thrown)]));
    broken = await startPortolan({}, { log: pino({ level: 'error' }, sink), parts: () => ({ handlers: failing as never }) });
    admin = (await token(broken)).token;
  });
  afterAll(() => broken.close());
  const fail = (id: OperationId, what: unknown) => {
    thrown = what;
    return broken.call(id, { ...wellFormed(id), ...(factsOf(id).role === 'public' ? {} : { token: admin }) });
  };

  test.each(apiIds)('%s answers an opaque 500, and the log has the cause', async (id) => {
    const answer = await fail(id, new Error('the-cause-canary'));
    expect(code(answer)).toEqual([500, 'INTERNAL']);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain('canary');
    const line = lines.find(({ requestId }) => requestId === answer.body.requestId);
    expect(line).toMatchObject({ operationId: id, err: { message: 'the-cause-canary' } });
    expectSecurityHeaders(answer);
  });

  test.each([
    [undefined],
    [null],
    ['text'],
    [{ code: 'EACCES' }],
    [{ code: '23505', constraint: 'unheard_of' }],
    [{ code: 23503 }],
  ])('whatever is thrown, as %j, is a 500 with a line in the log', async (what) => {
    const answer = await fail('getCurrentPrincipal', what);
    expect(code(answer)).toEqual([500, 'INTERNAL']);
    expect(lines.filter(({ requestId }) => requestId === answer.body.requestId)).toHaveLength(1);
  });

  test.each(publicIds)('%s answers 503 when something it needs is away', async (id) => {
    const answer = await fail(id, new Problem('unavailable', { message: 'Away.', retryAfterSeconds: 1 }));
    expect(code(answer)).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});

describe('with an Idempotency-Key', () => {
  let gated: Portolan;
  let admin: string;
  let runs = 0;
  let enter: () => void;
  let gate: Promise<void>;
  beforeAll(async () => {
    const waiting = async () => {
      runs++;
      enter();
      await gate;
      return {};
    };
    const handlers = Object.fromEntries(apiIds.map((id) => [id, waiting]));
    gated = await startPortolan({}, { parts: () => ({ handlers: handlers as never }) });
    admin = (await token(gated)).token;
  });
  afterAll(() => gated.close());

  test.each(keyed)('%s runs once: 409 while it runs, then the first answer again', async (id) => {
    const facts = factsOf(id);
    const path = facts.path.replace(/\{\w+\}/g, () => objects.environment as string);
    const body = exampleBodyOf(id);
    const content = bodyFor(id, body);
    const call = { token: admin, ...content, headers: { ...content.headers, 'idempotency-key': unique('key') } };
    const send = () => gated.send(facts.method.toUpperCase(), path, call);
    runs = 0;
    let open!: () => void;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    const first = send();
    await entered;
    const meanwhile = await send();
    gated.check(id, meanwhile);
    expect(code(meanwhile)).toEqual([409, 'CONFLICT']);
    expect(meanwhile.headers['retry-after']).toBe('1');
    open();
    expect((await first).status).toBe(facts.success);
    const again = await send();
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([facts.success, 'true']);
    expect(runs).toBe(1);
  });

  test.each(keyed)('%s refuses a key of another form', async (id) => {
    for (const key of ['', 'x'.repeat(201), 's\u00e4g']) {
      const answer = await portolan.call(id, { ...wellFormed(id), headers: { 'idempotency-key': key } });
      expect([...code(answer), answer.body.field]).toEqual([400, 'VALIDATION_ERROR', 'Idempotency-Key']);
    }
  });
});

describe('an id that names nothing', () => {
  test.each(withPathIds)('%s answers 404', async (id) => {
    expect(code(await portolan.call(id, wellFormed(id)))).toEqual([404, 'NOT_FOUND']);
  });
});

describe('a query parameter that is not in the contract', () => {
  test.each(apiIds)('%s answers 400', async (id) => {
    const answer = await portolan.call(id, { ...wellFormed(id), path: realPath(id), query: { zzUnheardOf: '1' } });
    expect([...code(answer), answer.body.field]).toEqual([400, 'VALIDATION_ERROR', 'zzUnheardOf']);
    const issue = { in: 'query', field: 'zzUnheardOf', code: 'unknown_parameter', hint: expect.any(String) };
    expect(answer.body.details).toContainEqual(expect.objectContaining(issue));
  });
});

describe('reading', () => {
  /** Headers that belong to one exchange, not to what is read. */
  const fleeting = ['date', 'connection', 'keep-alive', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset'];
  const lasting = ({ headers }: Answered, more: string[] = []) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => ![...fleeting, ...more].includes(name)));
  const get = (id: OperationId, headers: Record<string, string> = {}) => portolan.call(id, { path: realPath(id), headers });
  const at = (id: OperationId) => {
    const path = realPath(id);
    return factsOf(id).path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] as string));
  };
  const metricsOf = (id: OperationId) => ({ metrics: factsOf(id).listener === 'metrics' });

  /** The metrics change while they are read; a stream is sent in chunks, of which a head has none. */
  const notOfHead: Partial<Record<OperationId, string[]>> = {
    getMetricsExposition: ['content-length'],
    streamEvents: ['transfer-encoding'],
  };
  test.each(reads)('%s answers HEAD as GET, without the body', async (id) => {
    const [got, head] = [await get(id), await portolan.send('HEAD', at(id), metricsOf(id))];
    const moving = notOfHead[id] ?? [];
    expect(head.status).toBe(got.status);
    expect(lasting(head, moving)).toEqual(lasting(got, moving));
    expect(head.text).toBe('');
  });

  test.each(reads)('%s says how it may be kept, and which headers guard it', async (id) => {
    const answer = await get(id);
    const kept = answer.status < 400 && factsOf(id).cache !== 'no-store' ? 'private, no-cache' : 'no-store';
    expect(answer.headers['cache-control']).toBe(kept);
    expectSecurityHeaders(answer);
  });

  test.each(reads.filter((id) => declaredStatuses(id).includes('304')))('%s answers 304 to its own ETag', async (id) => {
    const etag = String((await get(id)).headers.etag);
    expect(etag).toMatch(/^"\d+\.[0-9a-f]+"$/);
    const again = await get(id, { 'if-none-match': `"0.0", W/${etag}` });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
    expect((await portolan.send('HEAD', at(id), { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await get(id, { 'if-none-match': '"0.0"' })).status).toBe(200);
  });

  test.each(reads)('%s takes the JSON content type without a body', async (id) => {
    expect((await get(id, { 'content-type': 'application/json' })).status).toBe((await get(id)).status);
  });

  test.each(reads.filter((id) => !factsOf(id).listener))('%s is the same at its path with more slashes', async (id) => {
    const plain = await get(id);
    for (const path of [`${at(id)}/`, at(id).replace('/', '//'), `${at(id).replaceAll('/', '//')}//`]) {
      const answer = await portolan.send('GET', path);
      expect([path, answer.status, lasting(answer)]).toEqual([path, plain.status, lasting(plain)]);
    }
  });
});

describe('paths', () => {
  const here = apiIds.filter((id) => !factsOf(id).listener);
  const paths = [...new Set(here.map((id) => factsOf(id).path))];

  test.each(paths)('%s knows its methods only, and tells them', async (template) => {
    const path = template.replace(/\{\w+\}/g, '01920000-0000-7000-8000-000000000000');
    const known = here.filter((id) => factsOf(id).path === template).map((id) => factsOf(id).method.toUpperCase());
    const allowed = [...known, ...(known.includes('GET') ? ['HEAD'] : [])].sort();
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].filter(
      (one) => !allowed.includes(one),
    )) {
      const answer = await portolan.send(method, path, { token: null });
      expect([method, answer.status, String(answer.headers.allow).split(', ').sort()]).toEqual([method, 404, allowed]);
      if (method !== 'HEAD')
        expect(answer.body).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining(allowed[0] as string) });
      expectSecurityHeaders(answer);
    }
  });

  test.each(['/api', '/api/nothing', '/apiadmin', '/api/registriesx', '/metrics', '/Api/auth/me'])(
    '%s is nowhere',
    async (path) => {
      const answer = await portolan.send('GET', path);
      expect(code(answer)).toEqual([404, 'NOT_FOUND']);
      expect(answer.headers.allow).toBeUndefined();
      expectSecurityHeaders(answer);
    },
  );

  test('the listener for metrics knows nothing else', async () => {
    for (const path of paths) {
      const answer = await portolan.send('GET', path.replace(/\{\w+\}/g, 'x'), { metrics: true });
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });
});

describe('X-Request-Id', () => {
  test.each(apiIds)('%s gives back a good one, and replaces a bad one', async (id) => {
    const call = { ...wellFormed(id), token: null };
    for (const good of ['a', 'Trace_1.2-3', 'x'.repeat(128)]) {
      const answer = await portolan.call(id, { ...call, headers: { 'x-request-id': good } });
      expect(answer.headers['x-request-id']).toBe(good);
      if (answer.status >= 400) expect(answer.body.requestId).toBe(good);
    }
    for (const bad of ['', 'a b', 'x'.repeat(129), '<script>', 'ä']) {
      const answer = await portolan.call(id, { ...call, headers: { 'x-request-id': bad } });
      expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
