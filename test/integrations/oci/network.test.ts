import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistryClient } from '../../../src/integrations/oci/client';
import { raw, reset, startFakeRegistry } from '../../support/fakeRegistry';
import { CertificateAuthority, type CertificateOptions, selfSignedServer } from '../../support/registry/certificates';
import { accessTo, type Fault, openScene, quick, type Scene, tagsAt, testFaults, wellBehaved } from './scene';

/** What goes wrong before a registry can say anything: names, connections, certificates. */

const day = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'portolan-oci-'));
const authority = new CertificateAuthority('Authority of the tests');
const caFile = join(folder, 'authority.pem');
writeFileSync(caFile, authority.certificate);
afterAll(() => rmSync(folder, { recursive: true }));

/** The certificate of the registry, as its server takes it. */
const certificate = (options: CertificateOptions = {}, issuer = authority) =>
  forServer(issuer.issue({ names: ['registry.test'], ...options }));
const forServer = ({ certificate: cert, key }: ReturnType<CertificateAuthority['issue']>) => ({ cert, key });

const at =
  (url: string | ((scene: Scene) => string)): NonNullable<Fault['act']> =>
  (scene) =>
    scene.client.tags({ ...scene.access, registryUrl: typeof url === 'string' ? url : url(scene) }, 'acme/api');

/** A port where nobody listens. */
async function emptyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const nothingSent = ({ home, stranger }: Scene) => expect([...home.requests, ...stranger.requests]).toEqual([]);

describe('names and connections', () => {
  testFaults([
    {
      name: 'a name that is not known',
      act: at('http://nowhere.example'),
      reason: 'dns',
      says: /nowhere\.example is not known/,
      hint: /typing/,
    },
    { name: 'a name server that does not answer', act: at('http://silent.example'), reason: 'dns', says: /no answer/ },
    {
      name: 'a port where nobody listens',
      act: async (scene) => at(`http://registry.test:${await emptyPort()}`)(scene),
      reason: 'connection_refused',
      says: /refuses connections/,
    },
    {
      name: 'a name that resolves to the metadata address',
      act: at('http://rebound.example'),
      reason: 'connection_refused',
      says: /metadata/,
      check: nothingSent,
    },
    {
      name: 'a name that resolves to the metadata address among others',
      act: at(({ home }) => `http://half.example:${home.port}`),
      reason: 'connection_refused',
      says: /metadata/,
      check: nothingSent,
    },
    { name: 'a metadata address itself', act: at('http://169.254.169.254'), reason: 'bad_response', says: /metadata/ },
    { name: 'a text that is no address', act: at('http://'), reason: 'bad_response' },
    {
      name: 'TLS where plain http is spoken',
      act: at(({ home }) => `https://registry.test:${home.port}`),
      reason: 'tls',
      says: /plain http/,
      hint: /http:\/\//,
    },
  ]);

  test('http:// is refused where the installation does not allow it', async () => {
    const scene = await openScene();
    try {
      scene.client = scene.clientWith({ allowHttp: false });
      await expect(tagsAt(scene)).rejects.toMatchObject({
        failure: { reason: 'tls' },
        hint: expect.stringMatching(/REGISTRY_ALLOW_HTTP/),
      });
      nothingSent(scene);
    } finally {
      await scene.close();
    }
  });

  test('a handshake that hangs ends with the time to connect', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const client = createRegistryClient({ ...quick, retryDelaysMs: [] });
    const { port } = server.address() as { port: number };
    const startedAt = performance.now();
    try {
      await expect(client.tags(accessTo(`https://registry.test:${port}`), 'acme/api')).rejects.toMatchObject({
        failure: { reason: 'timeout' },
        connected: false,
      });
      expect(performance.now() - startedAt).toBeLessThan(2000);
    } finally {
      await client.close();
      server.close();
    }
  });

  test('a time that is changed counts for the next request', async () => {
    const scene = await openScene();
    let timeoutMs = 60_000;
    const client = createRegistryClient({
      ...quick,
      retryDelaysMs: [],
      get timeoutMs() {
        return timeoutMs;
      },
    });
    try {
      scene.home.behave = () => () => {};
      timeoutMs = 100;
      await expect(client.tags(scene.access, 'acme/api')).rejects.toMatchObject({ failure: { reason: 'timeout' } });
    } finally {
      await client.close();
      await scene.close();
    }
  });

  test('a caller that gives up while others have the slots is let go', async () => {
    const scene = await openScene();
    try {
      const client = scene.clientWith({ maxConcurrencyPerHost: 1 });
      scene.home.behave = () => () => {};
      let firstEnded = false;
      const first = client
        .tags(scene.access, 'acme/api')
        .catch((error) => error.failure.reason)
        .finally(() => {
          firstEnded = true;
        });
      await expect(client.tags(scene.access, 'acme/api', { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
        cutOff: true,
      });
      expect(firstEnded).toBe(false);
      await expect(first).resolves.toBe('timeout');
      expect(scene.home.requests).toHaveLength(1);
    } finally {
      await scene.close();
    }
  });
});

describe('certificates', () => {
  const good = certificate();
  const untrusted = forServer(selfSignedServer({ names: ['registry.test'] }));
  const whole = (fault: Omit<Fault, 'name' | 'reason'>, name: string, reason: Fault['reason']): Fault => ({
    name,
    ...(reason ? { reason } : {}),
    ...fault,
  });

  describe('of a private authority', () => {
    testFaults([whole({ value: ['1.0', '1.1'] }, 'that is in the file', undefined)], good, { caFile });
    testFaults(
      [
        {
          name: 'and a token server without TLS',
          gate: (_request, { stranger }) => ({
            status: 401,
            headers: { 'www-authenticate': `Bearer realm="http://auth.registry.test:${stranger.port}/token"` },
          }),
          reason: 'bad_response',
          says: /without TLS/,
          check: ({ stranger }) => expect(stranger.requests).toEqual([]),
        },
        {
          name: 'and a redirect to http',
          home: (_request, { strangerUrl }) => ({ status: 302, headers: { location: strangerUrl } }),
          reason: 'bad_response',
          says: /redirects to http/,
          check: ({ stranger }) => expect(stranger.requests).toEqual([]),
        },
        {
          name: 'and a Link with http to the same host',
          home: ({ query, path }, { homeUrl }) =>
            path.endsWith('/list') && !query.has('last')
              ? {
                  status: 200,
                  headers: { link: `<${homeUrl.replace('https', 'http')}${path}?last=a>; rel="next"` },
                  body: { tags: ['a'] },
                }
              : undefined,
          value: ['a', '1.0', '1.1'],
        },
        { name: 'and a reset after the handshake', home: () => reset, reason: 'connection_refused' },
      ],
      good,
      { caFile },
    );
  });

  const broken: [string, ReturnType<typeof certificate>, string | null, RegExp, RegExp][] = [
    ['self-signed', untrusted, null, /self-signed/, /REGISTRY_CA_FILE/],
    ['of an authority that is not known', good, null, /authority/, /REGISTRY_CA_FILE/],
    [
      'of an authority that was made anew under its name',
      certificate({}, new CertificateAuthority('Authority of the tests')),
      caFile,
      /another key/,
      /REGISTRY_CA_FILE/,
    ],
    [
      'expired',
      certificate({ notBefore: new Date(Date.now() - 3 * day), notAfter: new Date(Date.now() - day) }),
      caFile,
      /has expired/,
      /Renew/,
    ],
    ['not valid yet', certificate({ notBefore: new Date(Date.now() + day) }), caFile, /not valid yet/, /clock/],
    ['of another name', certificate({ names: ['other.test'] }), caFile, /other names/, /name in registryUrl/],
  ];
  test.each(broken)('%s', async (_name, tls, file, says, hint) => {
    const scene = await openScene(tls);
    try {
      const client = scene.clientWith({ caFile: file });
      await expect(client.tags(scene.access, 'acme/api')).rejects.toMatchObject({
        failure: { reason: 'tls', message: expect.stringMatching(says) },
        hint: expect.stringMatching(hint),
        connected: false,
      });
      expect(scene.home.requests).toEqual([]);
      const { checks } = await client.test(scene.access, null);
      expect(checks.map(({ name, ok, skipped = false }) => [name, ok, skipped])).toEqual([
        ['dns_tls', false, false],
        ['api_version', false, true],
        ['authentication', false, true],
        ['catalog', false, true],
      ]);
    } finally {
      await scene.close();
    }
  });

  test('a file of certificates that is not there, or is none, ends the start', () => {
    expect(() => createRegistryClient({ ...quick, caFile: join(folder, 'none.pem') })).toThrow(/cannot be read \(ENOENT\)/);
    const text = join(folder, 'text.pem');
    writeFileSync(text, 'hello');
    expect(() => createRegistryClient({ ...quick, caFile: text })).toThrow(/no certificate/);
  });
});

test('a kept connection that the registry closed meanwhile is opened again', async () => {
  const scene = await openScene();
  try {
    await tagsAt(scene);
    let resets = 0;
    scene.home.behave = (request) => (resets++ === 0 ? reset : wellBehaved(request));
    await expect(tagsAt(scene)).resolves.toEqual(['1.0', '1.1']);
  } finally {
    await scene.close();
  }
});

test('Portolan says who it is, and for which request', async () => {
  const scene = await openScene();
  try {
    await scene.client.tags(scene.access, 'acme/api', { requestId: 'req_42' });
    expect(scene.home.requests.map(({ headers }) => [headers['user-agent'], headers['x-request-id']])).toEqual([
      ['portolan/1.2.3', 'req_42'],
      ['portolan/1.2.3', 'req_42'],
    ]);
    await scene.client.tags(scene.access, 'acme/api', { requestId: 'x\r\nauthorization: mine' });
    expect(scene.home.requests.at(-1)?.headers['x-request-id']).toBeUndefined();
    expect(scene.client.requestCount).toBe(3);
  } finally {
    await scene.close();
  }
});

test('a TLS server that answers garbage, or nothing, is told apart', async () => {
  const plain = await startFakeRegistry(() => raw('\u0000\u0001'));
  const client = createRegistryClient(quick);
  try {
    await expect(client.tags(accessTo(`http://registry.test:${plain.port}`), 'acme/api')).rejects.toMatchObject({
      failure: { reason: 'bad_response', message: expect.stringMatching(/not HTTP/) },
    });
  } finally {
    await client.close();
    await plain.close();
  }
});
