import type { ConnectionTest } from '../../../src/integrations/oci/access';
import type { Behaviour, SentRequest } from '../../support/fakeRegistry';
import { basic, contentOf, expectNoSecrets, openScene, type Scene } from './scene';

/** What the test of a connection says, check by check. */

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const outcome = ({ checks }: ConnectionTest) =>
  checks.map(({ name, ok, skipped }) => `${name} ${ok ? 'ok' : skipped ? 'skipped' : 'failed'}`);
const allWell = ['dns_tls ok', 'api_version ok', 'authentication ok', 'catalog ok'];
const anonymously = () => ({ ...scene.access, username: null, password: null });

async function run(
  behave?: (request: SentRequest) => Behaviour | undefined,
  repository: string | null = null,
  access = scene.access,
) {
  const usual = scene.home.behave;
  if (behave) scene.home.behave = (request) => behave(request) ?? usual(request);
  const result = await scene.client.test(access, repository);
  expectNoSecrets(JSON.stringify([result.checks, result.failure?.failure, result.failure?.hint]));
  for (const check of result.checks) expect(check.message).toMatch(/\w+.*\.$/);
  return result;
}

const asks = (request: SentRequest, scope = ''): Behaviour | undefined => {
  if (request.path === '/token') return { status: request.headers.authorization === basic ? 200 : 401, body: { token: 'good' } };
  if (request.headers.authorization === 'Bearer good') return contentOf(request);
  return { status: 401, headers: { 'www-authenticate': `Bearer realm="${scene.homeUrl}/token",service="s"${scope}` } };
};

test('all is well with Basic', async () => {
  const result = await run();
  expect(outcome(result)).toEqual(allWell);
  expect(result.failure).toBeNull();
});

test('all is well with tokens', async () => {
  expect(outcome(await run(asks))).toEqual(allWell);
});

test('a wrong password fails the authentication, and the catalog is skipped', async () => {
  const result = await run(undefined, null, { ...scene.access, password: 'wrong' });
  expect(outcome(result)).toEqual(['dns_tls ok', 'api_version ok', 'authentication failed', 'catalog skipped']);
  expect(result.failure).toMatchObject({ failure: { reason: 'unauthorized', status: 401 } });
});

test('a wrong password fails at the token server too', async () => {
  const result = await run(asks, null, { ...scene.access, password: 'wrong' });
  expect(outcome(result)).toEqual(['dns_tls ok', 'api_version ok', 'authentication failed', 'catalog skipped']);
  expect(result.failure).toMatchObject({ failure: { reason: 'unauthorized' } });
});

test('no credentials where some are needed are a failure', async () => {
  expect(outcome(await run(undefined, null, anonymously()))[2]).toBe('authentication failed');
  expect(outcome(await run(asks, null, anonymously()))[2]).toBe('authentication failed');
});

test('anonymous clients that get a token are well', async () => {
  const result = await run(
    (request) => (request.path === '/token' ? { status: 200, body: { token: 'good' } } : asks(request)),
    null,
    anonymously(),
  );
  expect(outcome(result)).toEqual(allWell);
});

test('anonymous clients of an open registry are well', async () => {
  expect(outcome(await run(contentOf, null, anonymously()))).toEqual(allWell);
});

test('wrong credentials fail although the registry answers everybody', async () => {
  const result = await run((request) => (request.headers.authorization ? { status: 401 } : contentOf(request)));
  expect(outcome(result)).toEqual(['dns_tls ok', 'api_version ok', 'authentication failed', 'catalog skipped']);
});

test('credentials that nobody asks for are said to be unseen', async () => {
  const result = await run(contentOf);
  expect(outcome(result)).toEqual(allWell);
  expect(result.checks[2]?.message).toMatch(/may not have been looked at/);
});

test.each([401, 403, 404, 405])('a catalog that answers %i to good credentials is no failure', async (status) => {
  const result = await run((request) =>
    request.path === '/v2/_catalog' && request.headers.authorization === basic ? { status } : undefined,
  );
  expect(outcome(result)).toEqual(allWell);
  expect(result.checks[3]?.message).toMatch(/name a repository/);
});

test('a token server that refuses the scope of the catalog is no failure', async () => {
  const result = await run((request) =>
    request.path === '/token' && request.query.get('scope')?.startsWith('registry:') ? { status: 403 } : asks(request),
  );
  expect(outcome(result)).toEqual(allWell);
});

test('a catalog that fails is a failure', async () => {
  const result = await run((request) =>
    request.path === '/v2/_catalog' && request.headers.authorization ? { status: 500 } : undefined,
  );
  expect(outcome(result)[3]).toBe('catalog failed');
});

test('a repository that can be read, and one that cannot', async () => {
  expect(outcome(await run(undefined, 'acme/api'))).toEqual([
    'dns_tls ok',
    'api_version ok',
    'authentication ok',
    'repository ok',
  ]);
  const missing = await run(undefined, 'acme/none');
  expect(outcome(missing)[3]).toBe('repository failed');
  expect(missing.failure).toMatchObject({ failure: { reason: 'not_found', status: 404 } });
  const forbidden = await run(
    (request) => (request.path.includes('secret') && request.headers.authorization ? { status: 401 } : undefined),
    'acme/secret',
  );
  expect(outcome(forbidden)[3]).toBe('repository failed');
  expect(forbidden.failure).toMatchObject({ failure: { reason: 'unauthorized' } });
});

const noRegistry: [string, Behaviour, string][] = [
  ['a web page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'bad_response'],
  ['404', { status: 404 }, 'bad_response'],
  ['500', { status: 500 }, 'bad_response'],
  ['nothing', () => {}, 'timeout'],
  ['garbage', (socket) => void socket.write('\u0000\u0001\r\n\r\n'), 'bad_response'],
];
test.each(noRegistry)('what answers %s is no registry', async (_name, behaviour, reason) => {
  const result = await run(() => behaviour);
  expect(outcome(result)).toEqual(['dns_tls ok', 'api_version failed', 'authentication skipped', 'catalog skipped']);
  expect(result.failure?.failure.reason).toBe(reason);
});

test('a challenge that nobody can read fails the authentication', async () => {
  const result = await run(() => ({ status: 401, headers: { 'www-authenticate': 'Kerberos' } }));
  expect(outcome(result)[2]).toBe('authentication failed');
  expect(result.failure).toMatchObject({
    failure: { reason: 'unauthorized', message: expect.stringMatching(/neither Basic nor Bearer/) },
  });
});

test('a name that is not known, and a text that is no address', async () => {
  const unknown = await run(undefined, null, { ...scene.access, registryUrl: 'http://nowhere.example' });
  expect(outcome(unknown)).toEqual(['dns_tls failed', 'api_version skipped', 'authentication skipped', 'catalog skipped']);
  expect(unknown.failure?.failure.reason).toBe('dns');
  const broken = await run(undefined, null, { ...scene.access, registryUrl: '::' });
  expect(outcome(broken)[0]).toBe('dns_tls failed');
});
