import { inspect } from 'node:util';
import { createRegistryClient, type RegistryAccess, type RegistryClient } from '../../../src/integrations/oci/client';
import { RegistryFailure } from '../../../src/integrations/oci/failure';
import { type LoopbackServer, startLoopbackServer } from '../../support/loopbackServer';
import { type Fault, startTellTale, type TellTale } from '../../support/tellTale';

/** Secrets stay secret even when the other side repeats them in everything it answers. */

const secrets = {
  password: 'password-canary/7f+3a=&"\\é',
  token: 'token-canary-91bc',
  refresh: 'refresh-canary-55aa',
  // Not to be sent as it is: a header cannot hold it.
  unsendable: 'unsendable-canary\n77dd',
};

let tale: TellTale;
let elsewhere: LoopbackServer;

beforeEach(async () => {
  tale = await startTellTale(secrets.refresh);
  elsewhere = await startLoopbackServer(() => ({ status: 500, body: { errors: [{ message: 'elsewhere' }] } }));
});

afterEach(async () => {
  await tale.close();
  await elsewhere.close();
});

const clientOf = (options: { timeoutMs?: number }): RegistryClient =>
  createRegistryClient({
    version: '0.0.0',
    timeoutMs: options.timeoutMs ?? 3000,
    maxConcurrencyPerHost: 8,
    caFile: null,
    allowHttp: true,
    realmHosts: [],
    dockerHubApiUrl: tale.url,
    dockerHubRegistryUrl: tale.url,
    digitalOceanApiUrl: tale.url,
    digitalOceanRegistryUrl: tale.url,
    retryDelaysMs: [1, 1],
    patienceMs: 0,
  });

const access = (parts: Partial<RegistryAccess>): RegistryAccess => ({
  key: 'one',
  name: 'tell-tale',
  type: 'generic',
  registryUrl: tale.url,
  repositoryPrefix: null,
  username: null,
  password: null,
  token: null,
  ...parts,
});

/** Every way in which a connection holds a secret. */
const connections: Record<string, { parts: Partial<RegistryAccess>; challenge?: TellTale['challenge'] }> = {
  'Basic with a password': { parts: { username: 'ann', password: secrets.password }, challenge: 'basic' },
  'Basic without being asked': { parts: { username: 'ann', password: secrets.password }, challenge: 'none' },
  'a token server with a password': { parts: { username: 'ann', password: secrets.password } },
  'a token server with a token': { parts: { username: 'ann', token: secrets.token } },
  'an identity token': { parts: { username: '<token>', password: secrets.refresh } },
  'a bearer token': { parts: { token: secrets.token } },
  'a bearer token that no header can hold': { parts: { token: secrets.unsendable } },
  'Docker Hub with a password': {
    parts: { type: 'dockerhub', registryUrl: 'docker.io', username: 'ann', password: secrets.password },
  },
  'Docker Hub with a token': { parts: { type: 'dockerhub', registryUrl: 'docker.io', username: 'ann', token: secrets.token } },
  DigitalOcean: {
    parts: { type: 'digitalocean', registryUrl: 'registry.digitalocean.com', repositoryPrefix: 'acme', token: secrets.token },
  },
};

const digest = `sha256:${'a'.repeat(64)}`;

const calls: Record<string, (client: RegistryClient, access: RegistryAccess) => Promise<unknown>> = {
  test: (client, of) => client.test(of, null),
  'test of a repository': (client, of) => client.test(of, 'acme/shop'),
  repositories: (client, of) => client.repositories(of),
  tags: (client, of) => client.tags(of, 'acme/shop'),
  manifest: (client, of) => client.manifest(of, 'acme/shop', 'latest'),
  manifestFacts: (client, of) => client.manifestFacts(of, 'acme/shop', digest),
};

/** The forms in which a secret can be found again; in lower case, as host names would show it. */
function formsOf(secret: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const pairs = ['ann', '<token>', secret].map((username) => base64(`${username}:${secret}`));
  const plain = [secret, base64(secret), ...pairs];
  const url = plain.flatMap((text) => [
    encodeURIComponent(text),
    text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''),
  ]);
  const json = plain.flatMap((text) => [JSON.stringify(text).slice(1, -1), inspect(text).slice(1, -1)]);
  // The recognisable beginning, in case only a part is shown.
  const start = /^[a-z]+-canary/.exec(secret)?.[0] ?? secret;
  return [...plain, ...url, ...json, start].map((form) => form.toLowerCase());
}

const ownForms = new Set(Object.values(secrets).flatMap(formsOf));
const allForms = () => [...ownForms, ...new Set(tale.issued.flatMap(formsOf))];

/** All that an error or a result shows to somebody who looks closely: causes, stacks, hidden members. */
function everythingIn(shown: unknown): string {
  const parts = [inspect(shown, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null, breakLength: 200 })];
  for (let error = shown; error instanceof Error; error = error.cause) {
    parts.push(error.name, error.message, error.stack ?? '', String(error));
    if (error instanceof RegistryFailure) parts.push(JSON.stringify(error.failure), error.hint, JSON.stringify(error));
  }
  return parts.join('\n').toLowerCase();
}

/** The lines that show a secret. What a registry says in a result is no failure, but what it says of a test is shown. */
function leaksIn(shown: unknown, forms = allForms()): string[] {
  if (!(shown instanceof Error) && !(shown as { checks?: unknown } | null)?.checks) return [];
  const text = everythingIn(shown);
  if (!forms.some((form) => text.includes(form))) return [];
  const lines = text.split('\n');
  return [...new Set(lines.filter((line) => forms.some((form) => line.includes(form))))];
}

interface Outcome {
  connection: string;
  call: string;
  failed: boolean;
  shown: unknown;
}

/** Every call by every connection, each with a client that knows nothing yet. */
async function everyCall(options: { timeoutMs?: number } = {}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [connection, { parts, challenge = 'bearer' }] of Object.entries(connections)) {
    tale.challenge = challenge;
    outcomes.push(
      ...(await Promise.all(
        Object.entries(calls).map(async ([call, run]) => {
          const client = clientOf(options);
          const shown = await run(client, access(parts)).catch((error) => error);
          await client.close();
          const failed = shown instanceof Error || Boolean((shown as { failure?: unknown } | null)?.failure);
          return { connection, call, failed, shown };
        }),
      )),
    );
  }
  return outcomes;
}

const errorsJson = (said: string) =>
  JSON.stringify({ errors: [{ code: 'DENIED', message: said, detail: said }], message: said, detail: said });
/** What a header can hold of it. */
const headerText = (said: string) => said.replace(/[^\x20-\x7e]/g, '');
const json = { 'content-type': 'application/json' };

const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (response, said) =>
    void response.writeHead(code, headerText(said), { ...json, ...headers }).end(errorsJson(said));

const faults: Record<string, Fault> = {
  'answers 400': status(400),
  'answers 401': status(401),
  'answers 401 with another challenge': (response, said) =>
    void response
      .writeHead(401, {
        ...json,
        'www-authenticate': `Bearer realm="${tale.url}/token?said=${encodeURIComponent(said)}",service="${headerText(said).replace(/["\\]/g, '')}",scope="repository:${headerText(said).replace(/["\\]/g, '')}:pull"`,
      })
      .end(errorsJson(said)),
  'answers 401 and asks for a second factor': (response, said) =>
    void response.writeHead(401, json).end(JSON.stringify({ detail: `second factor ${said}`, login_2fa_token: secrets.refresh })),
  'answers 403': status(403),
  'answers 404': status(404),
  'answers 405': status(405),
  'answers 418': status(418),
  'answers 429': status(429, { 'retry-after': '120' }),
  'answers 500': status(500),
  'answers 503 with a pause': status(503, { 'retry-after': '120' }),
  'answers 504': status(504),
  'fails with a page of its own': (response, said) =>
    void response.writeHead(500, { 'content-type': 'text/html' }).end(`<html>${said}</html>`),
  'answers a web page': (response, said) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end(`<html>${said}</html>`),
  'answers broken JSON': (response, said) => void response.writeHead(200, json).end(`{"tags": ["${said}`),
  'answers other JSON': (response, said) => void response.writeHead(200, json).end(JSON.stringify({ said })),
  'answers lists of what it knows': (response, said) =>
    void response
      .writeHead(200, json)
      .end(JSON.stringify({ tags: [5, said], repositories: [5, said], results: [said], token: said })),
  'answers nothing': (response) => void response.writeHead(200, json).end(),
  'tells it as content type': (response, said) => void response.writeHead(200, { 'content-type': headerText(said) }).end('{}'),
  'tells it as content encoding': (response, said) =>
    void response.writeHead(200, { ...json, 'content-encoding': headerText(said) }).end('{}'),
  'tells it as digest': (response, said) =>
    void response.writeHead(200, { ...json, 'docker-content-digest': headerText(said) }).end('{}'),
  'tells it as API version': (response, said) =>
    void response.writeHead(200, { 'docker-distribution-api-version': headerText(said) }).end('<html>'),
  'redirects to a closed port with it': (response, said) =>
    void response.writeHead(307, { location: `http://127.0.0.1:9/?said=${encodeURIComponent(said)}` }).end(),
  'redirects in circles with it': (response, said, request) =>
    void response.writeHead(307, { location: `${request.url?.split('?')[0]}?said=${encodeURIComponent(said)}` }).end(),
  'redirects to metadata with it': (response, said) =>
    void response.writeHead(307, { location: `http://169.254.169.254/${encodeURIComponent(said)}` }).end(),
  'redirects to what is no address': (response, said) =>
    void response.writeHead(307, { location: `http://[${encodeURIComponent(said)}` }).end(),
  'redirects with it as user name': (response, said) =>
    void response.writeHead(307, { location: `http://${encodeURIComponent(said)}@127.0.0.1:9/` }).end(),
  'continues its list elsewhere with it': (response, said) => {
    const next = `http://localhost:9/?said=${encodeURIComponent(said)}`;
    const link = `<${next}>; rel="next"`;
    const body = { tags: ['a'], repositories: ['a'], results: [{ name: 'a' }], next, links: { pages: { next } } };
    response.writeHead(200, { ...json, link }).end(JSON.stringify(body));
  },
  'closes at once': (response) => void response.socket?.destroy(),
  'closes in the middle': (response, said) => {
    response.writeHead(200, { ...json, 'content-length': '5000' });
    response.write(said, () => response.socket?.destroy());
  },
  'speaks no HTTP': (response, said) => void response.socket?.end(`${said}\r\n\r\n`),
  'breaks its headers': (response, said) => void response.socket?.end(`HTTP/1.1 200 OK\r\nX Said: ${said}\r\n\r\n`),
  'sends too many headers': (response, said) =>
    void response.socket?.end(`HTTP/1.1 200 OK\r\n${`x-said: ${headerText(said)}\r\n`.repeat(400)}\r\n`),
};

describe.each(['resource', 'login'] as const)('at the %s', (failing) => {
  it.each(Object.keys(faults))('a registry that %s makes nobody tell', async (name) => {
    tale.failing = failing;
    tale.fault = faults[name] as Fault;
    const outcomes = await everyCall();
    const forms = allForms();
    const leaking = outcomes.flatMap(({ connection, call, shown }) =>
      leaksIn(shown, forms).map((line) => `${connection}, ${call}: ${line}`),
    );
    expect(leaking).toEqual([]);
    // It did know: the secrets were shown to it, and calls did fail.
    const sent = tale.received.join('\n');
    for (const secret of [secrets.token, secrets.refresh, secrets.password]) expect(sent).toContain(secret);
    expect(outcomes.filter(({ failed }) => failed).length).toBeGreaterThan(5);
    for (const { shown } of outcomes) if (shown instanceof Error) expect(shown).toBeInstanceOf(RegistryFailure);
  });
});

it.each(['resource', 'login'] as const)('a registry that never answers at the %s makes nobody tell', async (failing) => {
  tale.failing = failing;
  tale.fault = () => {};
  const outcomes = await everyCall({ timeoutMs: 60 });
  expect(outcomes.flatMap(({ shown }) => leaksIn(shown))).toEqual([]);
  expect(outcomes.filter(({ failed }) => failed).length).toBeGreaterThan(5);
});

it('a registry that is gone makes nobody tell', async () => {
  await tale.close();
  const outcomes = await everyCall();
  expect(outcomes.flatMap(({ shown }) => leaksIn(shown))).toEqual([]);
  expect(outcomes.every(({ failed }) => failed)).toBe(true);
});

it('a caller who leaves is told nothing', async () => {
  tale.fault = (response) => void setTimeout(() => response.socket?.destroy(), 200);
  for (const { parts, challenge = 'bearer' } of Object.values(connections)) {
    tale.challenge = challenge;
    const client = clientOf({});
    const shown = await client.tags(access(parts), 'acme/shop', { signal: AbortSignal.timeout(30) }).catch((error) => error);
    await client.close();
    expect(leaksIn(shown)).toEqual([]);
  }
});

describe('another host', () => {
  /** Everything that the other host was sent. */
  const told = () =>
    elsewhere.requests
      .map((request) => JSON.stringify([request, [...request.query]]))
      .join('\n')
      .toLowerCase();
  const other = () => elsewhere.url.replace('127.0.0.1', 'localhost');

  it.each([301, 302, 303, 307, 308])('is told nothing by a redirect (%d)', async (code) => {
    for (const failing of ['resource', 'login'] as const) {
      tale.failing = failing;
      tale.fault = (response) => void response.writeHead(code, { location: `${other()}/v2/there` }).end();
      await everyCall();
    }
    expect(elsewhere.requests.length).toBeGreaterThan(10);
    expect(allForms().filter((form) => told().includes(form))).toEqual([]);
  });

  it('is told nothing as the next page', async () => {
    const next = `${other()}/v2/next`;
    tale.fault = (response) =>
      void response
        .writeHead(200, { ...json, link: `<${next}>; rel="next"` })
        .end(JSON.stringify({ tags: ['a'], repositories: ['a'], results: [{ name: 'a' }], next, links: { pages: { next } } }));
    await everyCall();
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('is told nothing as the token server', async () => {
    tale.fault = (response) => void response.writeHead(401, { 'www-authenticate': `Bearer realm="${other()}/token"` }).end();
    const outcomes = await everyCall();
    expect(allForms().filter((form) => told().includes(form))).toEqual([]);
    expect(outcomes.flatMap(({ shown }) => leaksIn(shown))).toEqual([]);
  });
});
