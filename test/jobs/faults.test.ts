import type { Socket } from 'node:net';
import { contentOf, digest } from '../integrations/oci/scene';
import { registry as connection, containerImage, service } from '../support/catalogue';
import {
  type Behaviour,
  type FakeRegistry,
  raw,
  reset,
  type SentRequest,
  silence,
  startFakeRegistry,
} from '../support/fakeRegistry';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { pinDigest } from '../support/rows';
import { refresh } from './refreshing';

/** What a registry does wrong while a connection is refreshed: the refresh ends, and what was known stays known. */

let portolan: Portolan;
let envId: string;
let stranger: FakeRegistry;
beforeAll(async () => {
  portolan = await startPortolan({ REGISTRY_TIMEOUT_MS: '1000' });
  stranger = await startFakeRegistry(() => ({ status: 200, body: { name: 'x', tags: ['9.9'], token: 'taken' } }));
  envId = await environment(portolan);
});
afterAll(() => Promise.all([portolan.close(), stranger.close()]));

const text = JSON.stringify({ name: 'acme/api', tags: ['1.0', '2.0'] });
const json = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const elsewhere = () => `http://localhost:${stranger.port}`;

/** Bytes without end, as fast as they are taken. */
const flood = (socket: Socket): void => {
  socket.write(`${json}content-length: 100000000\r\n\r\n{"tags":["1.0"`);
  const more = () => {
    while (!socket.destroyed && socket.write(',"x"'.repeat(16_000)));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
};
const drip = (socket: Socket): void => {
  const timer = setInterval(
    () => (socket.destroyed ? clearInterval(timer) : socket.write('HTTP/1.1 200 OK\r\n'.slice(0, 1))),
    50,
  );
  socket.on('close', () => clearInterval(timer));
};

type Fault = (request: SentRequest) => Behaviour | undefined;
const lists =
  (behaviour: Behaviour): Fault =>
  ({ path }) =>
    path.endsWith('/tags/list') ? behaviour : undefined;
const heads =
  (behaviour: Behaviour): Fault =>
  ({ path }) =>
    path.includes('/manifests/') ? behaviour : undefined;
const everything =
  (behaviour: Behaviour): Fault =>
  () =>
    behaviour;

const faults: Record<string, () => Fault> = {
  'a reset before each answer': () => everything(reset),
  'an end before each answer': () => everything((socket) => socket.end()),
  'no answer at all': () => everything(silence),
  'headers that never end': () => everything(drip),
  'no answer to HEAD': () => heads(silence),
  'a reset instead of each manifest': () => heads(reset),
  'a body shorter than its Content-Length': () => lists(raw(`${json}content-length: 500\r\n\r\n${text}`, true)),
  'a body longer than its Content-Length': () => lists(raw(`${json}content-length: 10\r\n\r\n${text}`, true)),
  'a body that stops in the middle': () => lists(raw(`${json}content-length: 500\r\n\r\n{"tags":["9.9"`)),
  'a list of a hundred megabytes': () => lists(flood),
  'a packed body': () => lists({ status: 200, headers: { 'content-encoding': 'gzip' }, body: '\x1f\x8b\x08 no' }),
  'broken JSON': () => lists({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"tags":["9.9",' }),
  'a login page': () => lists({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }),
  'JSON without tags': () => lists({ status: 200, body: { message: 'hello' } }),
  'tags that are no texts': () => lists({ status: 200, body: { name: 'acme/api', tags: [1, { a: 2 }, null] } }),
  'bytes that are no HTTP': () => everything(raw('SSH-2.0-OpenSSH_9.2\r\n', true)),
  'a line of headers too many': () => everything(raw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`, true)),
  '400': () => lists({ status: 400, body: { errors: [] } }),
  '401 without a challenge': () => everything({ status: 401 }),
  '401 with a scheme that nobody knows': () => everything({ status: 401, headers: { 'www-authenticate': 'Negotiate' } }),
  '401 with a token server elsewhere': () =>
    everything({ status: 401, headers: { 'www-authenticate': `Bearer realm="${elsewhere()}/token",service="x"` } }),
  '403': () => lists({ status: 403, body: { errors: [{ code: 'DENIED', message: 'no' }] } }),
  '404 of the repository': () => lists({ status: 404, body: { errors: [{ code: 'NAME_UNKNOWN' }] } }),
  '500': () => everything({ status: 500, body: 'oh dear' }),
  '502 of a proxy': () => everything({ status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' }),
  '503': () => everything({ status: 503 }),
  '429 with an hour to wait': () => everything({ status: 429, headers: { 'retry-after': '3600' } }),
  '429 in the middle, for the manifests only': () => heads({ status: 429, headers: { 'retry-after': '3600' } }),
  '500 for the manifests only': () => heads({ status: 500 }),
  'manifests without a digest and without a body': () => heads({ status: 200, headers: { 'content-type': 'text/plain' } }),
  'digests that are none': () => heads({ status: 200, headers: { 'docker-content-digest': 'sha256:no' }, body: {} }),
  'a redirect to itself': () => lists({ status: 302, headers: { location: '/v2/acme/api/tags/list' } }),
  'a redirect without an address': () => lists({ status: 302 }),
  'a redirect to the metadata of a cloud': () => lists({ status: 302, headers: { location: 'http://169.254.169.254/latest' } }),
  'a redirect to a file': () => lists({ status: 302, headers: { location: 'file:///etc/passwd' } }),
  'a next page elsewhere': () =>
    lists({ status: 200, headers: { link: `<${elsewhere()}/v2/x>; rel="next"` }, body: { tags: ['1.0', '1.1'] } }),
};

test.each(Object.keys(faults))('%s', async (name) => {
  let fault: Fault | undefined;
  const fake = await startFakeRegistry((request) => fault?.(request) ?? contentOf(request));
  try {
    const host = `127.0.0.1:${fake.port}`;
    const { id: registryId } = await connection(portolan, envId, {
      registryUrl: `http://${host}`,
      username: 'ci',
      password: 'pa55',
    });
    const image = { imageName: `${host}/acme/api`, tagFilter: 'semver:*', registryConnectionId: registryId };
    const { id } = await containerImage(portolan, envId, image);
    const { id: serviceId } = await service(portolan, envId, { containerImageId: id });
    const [old] = await portolan.sql(
      `insert into image_digests (id, container_image_id, manifest_digest, media_type)
       values (gen_random_uuid(), $1, $2, 'application/vnd.oci.image.manifest.v1+json') returning id`,
      [id, `sha256:${'0'.repeat(64)}`],
    );
    await pinDigest(portolan, serviceId, old.id);
    const read = async () => (await portolan.call('getContainerImage', { path: { id } })).body.image;
    const digests = () =>
      portolan.sql(
        'select manifest_digest, tags, rank, eligible, best_tag from image_digests where container_image_id = $1 order by 1',
        [id],
      );
    await refresh(portolan, registryId);
    const known = await read();
    expect(known).toMatchObject({ latestTag: '1.0', latestDigest: { manifestDigest: digest }, updateAvailable: true });
    const [before, { lastCheckedAt }] = [await digests(), known];

    fault = (faults[name] as () => Fault)();
    const startedAt = performance.now();
    const report = await refresh(portolan, registryId);
    expect(performance.now() - startedAt).toBeLessThan(10_000);

    expect(['partial', 'failed']).toContain((report as { end: string }).end);
    const row = (await portolan.call('getRegistry', { path: { id: registryId } })).body.registry;
    expect(['partial', 'failed']).toContain(row.lastRefreshStatus);
    const after = await read();
    expect(after).toMatchObject({ latestTag: '1.0', latestDigest: { manifestDigest: digest }, updateAvailable: true });
    expect(after.lastCheckError).toMatchObject({ reason: expect.any(String), message: expect.any(String) });
    if (row.lastRefreshStatus === 'failed') expect(after.lastCheckedAt).toBe(lastCheckedAt);
    expect(await digests()).toEqual(before);
    expect(JSON.stringify([after, row])).not.toContain('pa55');
    expect(stranger.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);

    fault = undefined;
    // A host that named a time is left alone until then.
    if (!name.startsWith('429')) {
      expect(await refresh(portolan, registryId)).toMatchObject({ end: 'ok' });
      expect(await read()).toMatchObject({ latestTag: '1.0', updateAvailable: true, lastCheckError: null });
    }
  } finally {
    await fake.close();
  }
});
