import type { Behaviour, SentRequest } from '../../support/fakeRegistry';
import { basic, contentOf, type Fault, openScene, password, type Scene, tagsAt, testFaults, username } from './scene';

/** Registries and token servers that ask for credentials in wrong ways, or at wrong places. */

const asking = (challenge?: string | string[]): Behaviour => ({
  status: 401,
  ...(challenge === undefined ? {} : { headers: { 'www-authenticate': challenge } }),
});

/** The registry as it should be with tokens; `token` and `realm` say what differs. */
interface TokenRegistry {
  realm?(scene: Scene): string;
  token?(request: SentRequest, scene: Scene): Behaviour | undefined;
  accepts?: string;
}

const withTokens =
  ({
    realm = ({ homeUrl }) => `${homeUrl}/token`,
    token,
    accepts = 'Bearer good',
  }: TokenRegistry = {}): NonNullable<Fault['gate']> =>
  (request, scene) => {
    if (request.path === '/token') {
      const isKnown = request.headers.authorization === basic || request.headers.authorization === undefined;
      return token?.(request, scene) ?? (isKnown ? { status: 200, body: { token: 'good' } } : { status: 401 });
    }
    if (request.headers.authorization === accepts) return contentOf(request);
    return asking(`Bearer realm="${realm(scene)}",service="ours",scope="repository:acme/api:pull"`);
  };

const both = ['1.0', '1.1'];
const paths = ({ home }: Scene) => home.requests.map(({ path }) => path.replace('/v2/acme/api/tags/list', 'tags'));
const order =
  (...expected: string[]) =>
  (scene: Scene): void =>
    expect(paths(scene)).toEqual(expected);
const untouched = ({ stranger }: Scene): void => expect(stranger.requests).toEqual([]);
const anonymous = ({ client, access }: Scene) =>
  client.tags({ ...access, username: null, password: null }, 'acme/api').then(({ entries }) => entries.map(({ tag }) => tag));

describe('challenges', () => {
  testFaults([
    {
      name: 'none with 401',
      gate: () => asking(),
      reason: 'unauthorized',
      says: /does not accept/,
      check: order('/v2/', 'tags'),
    },
    { name: 'that nobody can read', gate: () => asking('=== "" , ,'), reason: 'unauthorized' },
    { name: 'of Bearer without realm', gate: () => asking('Bearer service="x"'), reason: 'unauthorized' },
    {
      name: 'of Bearer with an open quote',
      gate: () => asking('Bearer realm="http://registry.test/token'),
      reason: 'unauthorized',
    },
    { name: 'of Bearer with a realm that is no address', gate: () => asking('Bearer realm="not a url"'), reason: 'unauthorized' },
    {
      name: 'of Bearer with a realm of another scheme',
      gate: () => asking('Bearer realm="file:///etc/passwd"'),
      reason: 'unauthorized',
    },
    {
      name: 'of schemes that nobody speaks',
      gate: () => asking(['Negotiate YIIB==', 'Digest realm="x", nonce="y"']),
      reason: 'unauthorized',
    },
    {
      name: 'of Basic that refuses the credentials are answered once',
      gate: () => asking('Basic realm="x"'),
      reason: 'unauthorized',
      hint: /username and password/,
      check: order('/v2/', 'tags'),
    },
    {
      name: 'of Basic with the password of ECR that has run out',
      act: ({ client, access }) => client.tags({ ...access, username: 'AWS' }, 'acme/api'),
      gate: () => asking('Basic realm="https://123.dkr.ecr.eu-west-1.amazonaws.com/"'),
      reason: 'unauthorized',
      hint: /12 hours/,
    },
    {
      name: 'of Basic after other schemes, in one header',
      gate: (request) =>
        request.headers.authorization === basic ? undefined : asking('Negotiate, NTLM abc==, Basic realm="a, b"'),
      value: both,
    },
    {
      name: 'to those who have no credentials',
      act: anonymous,
      gate: () => asking('Basic realm="x"'),
      reason: 'unauthorized',
      hint: /Store/,
    },
    {
      name: 'of a token for ever',
      gate: withTokens({ accepts: 'Bearer none' }),
      reason: 'unauthorized',
      check: ({ home }) => expect(home.requests.length).toBeLessThanOrEqual(5),
    },
  ]);
});

describe('token servers', () => {
  testFaults([
    { name: 'as they should be', gate: withTokens(), value: both, check: order('/v2/', '/token', 'tags') },
    {
      name: 'that call it access_token',
      gate: withTokens({ token: () => ({ status: 200, body: { access_token: 'good', token: '' } }) }),
      value: both,
    },
    {
      name: 'that give anonymous clients a token',
      act: anonymous,
      gate: withTokens(),
      value: both,
      check: order('tags', '/token', 'tags'),
    },
    {
      name: 'on another site get no credentials',
      gate: withTokens({ realm: ({ strangerUrl }) => `${strangerUrl}/token` }),
      reason: 'unauthorized',
      says: /stranger\.example.*another site/,
      hint: /REGISTRY_REALM_HOSTS/,
      check: untouched,
    },
    {
      name: 'on another site may be asked anonymously',
      act: anonymous,
      gate: withTokens({ realm: ({ strangerUrl }) => `${strangerUrl}/token` }),
      stranger: () => ({ status: 200, body: { token: 'good' } }),
      value: both,
    },
    {
      name: 'on a host of the same site get the credentials',
      gate: withTokens({ realm: ({ home }) => `http://auth.registry.test:${home.port}/token` }),
      value: both,
    },
    {
      name: 'that pretend to be the registry in the user part get no credentials',
      gate: withTokens({ realm: ({ stranger }) => `http://registry.test@stranger.example:${stranger.port}/token` }),
      reason: 'unauthorized',
      check: untouched,
    },
    {
      name: 'that redirect elsewhere do not take the credentials along',
      gate: withTokens({
        token: (_request, { strangerUrl }) => ({ status: 302, headers: { location: `${strangerUrl}/token` } }),
      }),
      stranger: () => ({ status: 200, body: { token: 'good' } }),
      value: both,
      check: ({ stranger }) => expect(stranger.requests).toHaveLength(1),
    },
    {
      name: 'at the metadata address',
      act: anonymous,
      gate: withTokens({ realm: () => 'http://169.254.169.254/token' }),
      reason: 'connection_refused',
      says: /metadata/,
    },
    {
      name: 'at a name that resolves to the metadata address',
      act: anonymous,
      gate: withTokens({ realm: () => 'http://rebound.example/token' }),
      reason: 'connection_refused',
      says: /metadata/,
    },
    { name: 'that hang', gate: withTokens({ token: () => () => {} }), reason: 'timeout', check: order('/v2/', '/token') },
    {
      name: 'whose name is not known',
      act: anonymous,
      gate: withTokens({ realm: () => 'http://nowhere.example/token' }),
      reason: 'dns',
    },
    {
      name: 'that refuse the credentials are not asked twice',
      gate: withTokens({ token: () => ({ status: 401 }) }),
      reason: 'unauthorized',
      says: /does not accept the credentials of "ours"/,
      check: order('/v2/', '/token'),
    },
    {
      name: 'that refuse anonymous clients',
      act: anonymous,
      gate: withTokens({ token: () => ({ status: 401 }) }),
      reason: 'unauthorized',
    },
    {
      name: 'that forbid',
      gate: withTokens({ token: () => ({ status: 403 }) }),
      reason: 'forbidden',
      says: /repository:acme\/api:pull/,
    },
    {
      name: 'that know the form only are sent the form',
      gate: withTokens({
        token: ({ method, body }) => {
          if (method === 'GET') return { status: 405 };
          const form = new URLSearchParams(body);
          const isGood =
            form.get('grant_type') === 'password' && form.get('username') === username && form.get('password') === password;
          return { status: isGood ? 200 : 401, body: { access_token: 'good' } };
        },
      }),
      value: both,
      check: order('/v2/', '/token', '/token', 'tags'),
    },
    {
      name: 'that want an identity token are sent the form',
      act: ({ client, access }) =>
        client.tags({ ...access, username: '<token>' }, 'acme/api').then(({ entries }) => entries.map(({ tag }) => tag)),
      gate: withTokens({
        token: ({ method, body }) => {
          const form = new URLSearchParams(body);
          const isGood =
            method === 'POST' && form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === password;
          return isGood ? { status: 200, body: { access_token: 'good' } } : { status: 401 };
        },
      }),
      value: both,
    },
    {
      name: 'that ask for an hour of patience',
      gate: withTokens({ token: () => ({ status: 429, headers: { 'retry-after': '3600' } }) }),
      reason: 'rate_limited',
    },
    { name: 'that fail', gate: withTokens({ token: () => ({ status: 500 }) }), reason: 'bad_response', says: /500/ },
    {
      name: 'that answer without a token',
      gate: withTokens({ token: () => ({ status: 200, body: {} }) }),
      reason: 'bad_response',
      says: /without a token/,
    },
    {
      name: 'that answer a token that is a number',
      gate: withTokens({ token: () => ({ status: 200, body: { token: 7 } }) }),
      reason: 'bad_response',
    },
    {
      name: 'that smuggle a header into the token',
      gate: withTokens({ token: () => ({ status: 200, body: { token: 'good\r\nx-admin: yes' } }) }),
      reason: 'bad_response',
      says: /without a token/,
    },
    {
      name: 'that answer a web page',
      gate: withTokens({ token: () => ({ status: 200, body: '<html>' }) }),
      reason: 'bad_response',
      says: /web page/,
    },
    {
      name: 'that answer without an end',
      gate: withTokens({ token: () => ({ status: 200, body: 'x'.repeat(1_000_000) }) }),
      reason: 'bad_response',
      says: /more than 262144 bytes/,
    },
  ]);
});

describe('tokens', () => {
  let scene: Scene;
  let issued: string[];
  let valid: Set<string>;
  let life: Record<string, unknown>;

  beforeEach(async () => {
    scene = await openScene();
    issued = [];
    valid = new Set();
    life = { expires_in: 300 };
    scene.home.behave = (request) => {
      const { homeUrl } = scene;
      if (request.path === '/token') {
        const token = `token-${issued.length + 1}`;
        issued.push(request.query.getAll('scope').join(' '));
        valid.add(token);
        return { status: 200, body: { token, ...life } };
      }
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      return valid.has(token) ? contentOf(request) : asking(`Bearer realm="${homeUrl}/token",service="ours"`);
    };
  });

  afterEach(() => scene.close());

  test('are used until half a minute before they end', async () => {
    await tagsAt(scene);
    scene.later(269_000);
    await tagsAt(scene);
    expect(issued).toHaveLength(1);
    scene.later(2000);
    await tagsAt(scene);
    expect(issued).toHaveLength(2);
  });

  test('last a minute when the server does not say', async () => {
    life = {};
    await tagsAt(scene);
    scene.later(29_000);
    await tagsAt(scene);
    scene.later(2000);
    await tagsAt(scene);
    expect(issued).toHaveLength(2);
  });

  test('that the registry refuses are replaced once, unseen by the caller', async () => {
    await tagsAt(scene);
    valid.clear();
    await expect(tagsAt(scene)).resolves.toEqual(both);
    expect(issued).toHaveLength(2);
  });

  test('are asked for once by twenty requests at a time', async () => {
    await expect(Promise.all(Array.from({ length: 20 }, () => tagsAt(scene)))).resolves.toHaveLength(20);
    expect(issued).toEqual(['repository:acme/api:pull']);
    expect(scene.home.requests.filter(({ path }) => path === '/v2/')).toHaveLength(1);
  });

  test('are kept by scope and by access', async () => {
    const { client, access } = scene;
    await tagsAt(scene);
    await client.repositories(access);
    await client.tags({ ...access, key: 'two' }, 'acme/api');
    await tagsAt(scene);
    expect(issued).toEqual(['repository:acme/api:pull', 'registry:catalog:*', 'repository:acme/api:pull']);
  });

  test('are forgotten when the connection changes', async () => {
    await tagsAt(scene);
    scene.client.forget('one');
    await tagsAt(scene);
    expect(issued).toHaveLength(2);
  });

  test('come to the others when the one who asked first gives up', async () => {
    const usual = scene.home.behave;
    scene.home.behave = (request) => {
      const answer = usual(request);
      if (request.path !== '/token' || typeof answer === 'function') return answer;
      return (socket) => {
        const text = JSON.stringify(answer.body);
        setTimeout(() => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`), 150);
      };
    };
    await scene.client.test(scene.access, null, { signal: AbortSignal.timeout(10) });
    const first = scene.client.tags(scene.access, 'acme/api', { signal: AbortSignal.timeout(80) });
    const second = tagsAt(scene);
    await expect(first).rejects.toMatchObject({ cutOff: true });
    await expect(second).resolves.toEqual(both);
  });

  test('that were issued elsewhere are sent as they are', async () => {
    valid.add('pre-issued');
    const access = { ...scene.access, username: null, password: null, token: 'pre-issued' };
    await scene.client.tags(access, 'acme/api');
    expect(issued).toEqual([]);
    expect(scene.home.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer pre-issued']);
    valid.clear();
    await expect(scene.client.tags(access, 'acme/api')).rejects.toMatchObject({
      failure: { reason: 'unauthorized' },
      hint: expect.stringMatching(/expired or been revoked/),
    });
  });
});

test('a token server that the operator lists gets the credentials', async () => {
  const scene = await openScene();
  try {
    const client = scene.clientWith({ realmHosts: ['stranger.example'] });
    scene.home.behave = (request) =>
      withTokens({ realm: ({ strangerUrl }) => `${strangerUrl}/token` })(request, scene) ?? { status: 500 };
    scene.stranger.behave = ({ headers }) =>
      headers.authorization === basic ? { status: 200, body: { token: 'good' } } : { status: 401 };
    await expect(client.tags(scene.access, 'acme/api')).resolves.toMatchObject({ truncated: false });
  } finally {
    await scene.close();
  }
});
