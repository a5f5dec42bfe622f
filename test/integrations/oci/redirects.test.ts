import { config, contentOf, digest, type Fault, type Scene, testFaults } from './scene';

/** Where a registry can send its clients: to other hosts, in circles, to addresses inside a cloud; by Location and by Link. */

const list = '/v2/acme/api/tags/list';
const to =
  (location: string | ((scene: Scene) => string), status = 307): NonNullable<Fault['home']> =>
  (request, scene) =>
    request.path === list
      ? { status, headers: { location: typeof location === 'string' ? location : location(scene) } }
      : undefined;

const metadata = (name: string, location: string): Fault => ({
  name,
  home: to(location),
  reason: 'connection_refused',
  says: /link-local or metadata address/,
});

const strangerSaw = (times: number) => (scene: Scene) => expect(scene.stranger.requests).toHaveLength(times);

describe('redirects', () => {
  testFaults([
    {
      name: 'to another host are followed without credentials',
      home: to(({ strangerUrl }) => `${strangerUrl}/list`),
      stranger: () => ({ status: 200, body: { tags: ['2.0'] } }),
      value: ['2.0'],
      check: ({ stranger }) => {
        expect(stranger.requests).toHaveLength(1);
        expect(Object.keys(stranger.requests[0]?.headers ?? {}).sort()).toEqual([
          'accept',
          'accept-encoding',
          'connection',
          'host',
          'user-agent',
        ]);
      },
    },
    {
      name: 'to another host that asks for credentials get none',
      home: to(({ strangerUrl }) => strangerUrl),
      stranger: () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="mine"' } }),
      reason: 'unauthorized',
      check: strangerSaw(1),
    },
    {
      name: 'to another host that names its own token server get none',
      home: to(({ strangerUrl }) => strangerUrl),
      stranger: (_request, { strangerUrl }) => ({
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="${strangerUrl}/token"` },
      }),
      reason: 'unauthorized',
      check: strangerSaw(1),
    },
    {
      name: 'to another port of the same host go without credentials',
      home: to(({ stranger }) => `http://registry.test:${stranger.port}/`),
      stranger: () => ({ status: 200, body: { tags: ['2.0'] } }),
      value: ['2.0'],
    },
    {
      name: 'to the same host keep the credentials',
      home: (request) =>
        request.path === list
          ? { status: 302, headers: { location: '/v2/moved/tags/list' } }
          : request.path.includes('moved')
            ? contentOf({ ...request, path: list })
            : undefined,
      value: ['1.0', '1.1'],
    },
    {
      name: 'of a blob to storage elsewhere are followed without credentials',
      act: async ({ client, access }) => (await client.manifestFacts(access, 'acme/api', digest)).platforms,
      home: (request, { strangerUrl }) =>
        request.path.includes('/blobs/')
          ? { status: 307, headers: { location: `${strangerUrl}/bucket?signature=x` } }
          : undefined,
      stranger: () => ({ status: 200, body: config }),
      value: ['linux/amd64'],
      check: strangerSaw(1),
    },
    {
      name: 'with a user in the address send none',
      home: to(({ stranger }) => `http://me:secret@stranger.example:${stranger.port}/`),
      stranger: () => ({ status: 200, body: { tags: [] } }),
      value: [],
    },
    {
      name: 'in a circle end',
      home: to(list),
      reason: 'bad_response',
      says: /more than 5 times/,
      check: ({ home }) => expect(home.requests).toHaveLength(7),
    },
    {
      name: 'between two hosts end',
      home: to(({ strangerUrl }) => strangerUrl),
      stranger: (_request, { homeUrl }) => ({ status: 302, headers: { location: homeUrl + list } }),
      reason: 'unauthorized',
      check: strangerSaw(1),
    },
    {
      name: 'without a target',
      home: (request) => (request.path === list ? { status: 302 } : undefined),
      reason: 'bad_response',
      says: /where to/,
    },
    { name: 'to a broken target', home: to('http://[::1'), reason: 'bad_response' },
    { name: 'to a file', home: to('file:///etc/passwd'), reason: 'bad_response', says: /to file/ },
    { name: 'to a host that nobody knows', home: to('http://nowhere.example/'), reason: 'dns', says: /nowhere\.example/ },
    metadata('to the metadata address', 'http://169.254.169.254/latest/meta-data/'),
    metadata('to the metadata address in one number', 'http://2852039166/'),
    metadata('to the metadata address in hexadecimal', 'http://0xa9fea9fe/'),
    metadata('to the metadata address in IPv6', 'http://[::ffff:169.254.169.254]/'),
    metadata('to a link-local address', 'http://[fe80::1]/'),
    metadata('to a metadata name', 'http://metadata.google.internal/computeMetadata/v1/'),
    metadata('to a name that resolves there', 'http://rebound.example/'),
    metadata('to a name that resolves there among others', 'http://half.example/'),
    metadata('to a name that resolves there in IPv6', 'http://mapped.example/'),
  ]);
});

const page = (tags: string[], link?: string) => ({
  status: 200,
  ...(link === undefined ? {} : { headers: { link: `<${link}>; rel="next"` } }),
  body: { tags },
});
const lastOf = (query: URLSearchParams) => Number(query.get('last') ?? 0);
const pages =
  (behave: NonNullable<Fault['home']>): NonNullable<Fault['home']> =>
  (request, scene) =>
    request.path === list ? behave(request, scene) : undefined;

describe('links to the next page', () => {
  testFaults([
    {
      name: 'relative, to the end',
      home: pages(({ query }) =>
        lastOf(query) < 3 ? page([`${lastOf(query)}`], `${list}?last=${lastOf(query) + 1}`) : page(['3']),
      ),
      value: ['0', '1', '2', '3'],
    },
    {
      name: 'absolute, to the end',
      home: pages(({ query }, { homeUrl }) => (query.has('last') ? page(['b']) : page(['a'], `${homeUrl}${list}?last=a`))),
      value: ['a', 'b'],
    },
    {
      name: 'back to the same page',
      home: pages(() => page(['a'], `${list}?n=1000`)),
      reason: 'bad_response',
      says: /already read/,
    },
    {
      name: 'for ever, without anything new',
      home: pages(({ query }) => page(['a'], `${list}?last=${lastOf(query) + 1}`)),
      reason: 'bad_response',
      says: /anything new/,
      check: ({ home }) => expect(home.requests.length).toBeLessThan(10),
    },
    {
      name: 'for ever, with something new',
      act: ({ client, access }) =>
        client.tags(access, 'acme/api', { most: 50 }).then(({ entries, truncated }) => [entries.length, truncated]),
      home: pages(({ query }) => page([`v${lastOf(query)}`], `${list}?last=${lastOf(query) + 1}`)),
      value: [50, true],
    },
    {
      name: 'slow, until the time is over, give what was read',
      act: ({ client, access }) =>
        client
          .tags(access, 'acme/api', { signal: AbortSignal.timeout(200) })
          .then(({ entries, truncated }) => [entries.length > 0, truncated]),
      home: pages(({ query }) => (socket) => {
        const text = JSON.stringify({ tags: [`v${lastOf(query)}`] });
        const link = `link: <${list}?last=${lastOf(query) + 1}>; rel=next`;
        setTimeout(() => socket.write(`HTTP/1.1 200 OK\r\n${link}\r\ncontent-length: ${text.length}\r\n\r\n${text}`), 20);
      }),
      value: [true, true],
    },
    {
      name: 'to another host',
      home: pages((_request, { strangerUrl }) => page(['a'], `${strangerUrl}${list}`)),
      reason: 'bad_response',
      says: /another address/,
      check: strangerSaw(0),
    },
    { name: 'to the metadata address', home: pages(() => page(['a'], 'http://169.254.169.254/')), reason: 'bad_response' },
    { name: 'to a script', home: pages(() => page(['a'], 'javascript:alert(1)')), reason: 'bad_response' },
    {
      name: 'that are broken are the end',
      home: pages(() => ({ status: 200, headers: { link: '<<>; rel=next' }, body: { tags: ['a'] } })),
      value: ['a'],
    },
    {
      name: 'of another relation are none',
      home: pages(() => ({ status: 200, headers: { link: '</x>; rel="prev"' }, body: { tags: ['a'] } })),
      value: ['a'],
    },
    {
      name: 'with a page size that is too large for the registry',
      home: pages(({ query }) =>
        query.get('n') === '100' ? page(['a']) : { status: 400, body: { errors: [{ code: 'PAGINATION_NUMBER_INVALID' }] } },
      ),
      value: ['a'],
    },
  ]);
});

describe('a catalog', () => {
  const repositories = ({ client, access }: Scene) => client.repositories(access);
  const atCatalog = (status: number): Fault => ({
    name: `that answers ${status} is not supported`,
    act: ({ client, access }) => client.repositories(access).catch((error) => [error.name, error.failure.status]),
    home: ({ path }) => (path === '/v2/_catalog' ? { status } : undefined),
    value: ['CatalogUnsupported', status],
  });
  testFaults([
    { name: 'is listed', act: repositories, value: { entries: [{ name: 'acme/api', tagCount: null }], truncated: false } },
    atCatalog(401),
    atCatalog(404),
    atCatalog(405),
    { name: 'that fails is a failure', act: repositories, home: () => ({ status: 500 }), reason: 'bad_response' },
    {
      name: 'has names that are none',
      act: async (scene) => (await repositories(scene)).entries.map(({ name }) => name),
      home: () => ({
        status: 200,
        body: { repositories: ['acme/api', 'Acme', '../x', 'a//b', 5, null, 'acme/api', 'other:1', 'x@y'] },
      }),
      value: ['acme/api'],
    },
    {
      name: 'is narrowed by the prefix',
      act: async ({ client, access }) =>
        (await client.repositories({ ...access, repositoryPrefix: 'acme/' })).entries.map(({ name }) => name),
      home: () => ({ status: 200, body: { repositories: ['acme/api', 'acmeother/api', 'zeta/api'] } }),
      value: ['acme/api'],
    },
  ]);
});
