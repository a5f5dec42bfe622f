import { type Answered, type Portolan, startPortolan } from '../support/portolan';

const origin = 'https://app.example';
const exposed = [
  'ETag',
  'Location',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Idempotent-Replayed',
  'X-Request-Id',
  'X-VCAP-Request-ID',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Cf-Warnings',
  'Deprecation',
  'Sunset',
  'Link',
];
const listOf = (header: unknown) =>
  String(header)
    .split(',')
    .map((part) => part.trim())
    .sort();
const corsHeaders = ({ headers }: Answered) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

async function withService(variables: Record<string, string>, work: (portolan: Portolan) => Promise<void>): Promise<void> {
  const portolan = await startPortolan(variables);
  try {
    await work(portolan);
  } finally {
    await portolan.close();
  }
}
const preflight = (portolan: Portolan, from: string, path = '/api/registries/x', method = 'PATCH') =>
  portolan.send('OPTIONS', path, {
    token: null,
    headers: {
      origin: from,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,if-match,idempotency-key',
    },
  });

test('without CORS_ORIGIN nothing is said to browsers, and OPTIONS is a method that paths do not know', () =>
  withService({}, async (portolan) => {
    const answer = await portolan.send('GET', '/api/auth/me', { headers: { origin } });
    expect([answer.status, corsHeaders(answer)]).toEqual([200, []]);
    const asked = await preflight(portolan, origin);
    expect([asked.status, corsHeaders(asked), asked.headers.allow]).toEqual([404, [], 'GET, PATCH, DELETE, HEAD']);
  }));

describe('with CORS_ORIGIN', () => {
  test('a named origin may ask with every method and header of the contract', () =>
    withService({ CORS_ORIGIN: `https://other.example, ${origin}` }, async (portolan) => {
      for (const path of ['/api/registries/x', '/api/nowhere', '/health', '/v3/droplets/x', '/uaa/oauth/token']) {
        const answer = await preflight(portolan, origin, path);
        expect(answer.status).toBe(204);
        expect(answer.text).toBe('');
        expect(answer.headers).toMatchObject({
          'access-control-allow-origin': origin,
          'x-request-id': expect.any(String),
          vary: expect.stringContaining('Origin'),
        });
        expect(listOf(answer.headers['access-control-allow-methods'])).toEqual(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
        const headers = [
          'Authorization',
          'Content-Type',
          'Idempotency-Key',
          'If-Match',
          'If-None-Match',
          'Last-Event-ID',
          'X-B3-SpanId',
          'X-B3-TraceId',
          'X-Dry-Run',
          'X-Request-Id',
          'X-Vcap-Request-Id',
        ];
        expect(listOf(answer.headers['access-control-allow-headers'])).toEqual(headers);
        expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      }
    }));

  test('a named origin reads answers, refusals too, and the headers it needs', () =>
    withService({ CORS_ORIGIN: origin }, async (portolan) => {
      const answers = [
        await portolan.send('GET', '/api/auth/me', { headers: { origin } }),
        await portolan.send('GET', '/api/auth/me', { headers: { origin }, token: null }),
        await portolan.send('POST', '/api/auth/login', { headers: { origin }, body: '{', token: null }),
        await portolan.send('GET', '/nowhere', { headers: { origin } }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 401, 400, 404]);
      for (const { headers } of answers) {
        expect(headers['access-control-allow-origin']).toBe(origin);
        expect(listOf(headers['access-control-expose-headers'])).toEqual([...exposed].sort());
      }
    }));

  test.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'null',
    'https://app.example:8443',
  ])('%s gets no leave', (from) =>
    withService({ CORS_ORIGIN: origin }, async (portolan) => {
      expect((await preflight(portolan, from)).headers['access-control-allow-origin']).not.toBe(from);
      const answer = await portolan.send('GET', '/api/auth/me', { headers: { origin: from } });
      expect(answer.headers['access-control-allow-origin']).not.toBe(from);
      expect(answer.headers['access-control-allow-origin']).not.toBe('*');
    }),
  );

  test('* lets everybody ask', () =>
    withService({ CORS_ORIGIN: '*' }, async (portolan) => {
      expect((await preflight(portolan, 'https://any.example')).headers['access-control-allow-origin']).toBe('*');
    }));

  test('the listener for metrics knows nothing of it', () =>
    withService({ CORS_ORIGIN: '*' }, async (portolan) => {
      expect(corsHeaders(await portolan.send('GET', '/metrics', { metrics: true, headers: { origin } }))).toEqual([]);
    }));
});
