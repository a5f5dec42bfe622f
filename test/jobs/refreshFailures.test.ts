import type { IncomingMessage, ServerResponse } from 'node:http';
import { registry as connection, containerImage } from '../support/catalogue';
import { environment, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry } from '../support/registry/registry';
import { connectionTo, type FakeRegistry, fakeRegistry } from '../support/registry/scene';
import { refresh } from './refreshing';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());
beforeEach(async () => {
  envId = await environment(portolan);
});
const fakes: FakeRegistry[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));

const read = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).body.image;
const readConnection = async (id: string) => (await portolan.call('getRegistry', { path: { id } })).body.registry;
const planned = async (id: string) =>
  (await portolan.sql<any>('select * from registry_refreshes where registry_id = $1', [id]))[0];

describeWithRegistry('a real registry', () => {
  test('a wrong password stops the refresh at the first image and keeps what was known', async () => {
    const registry = await startRegistry({ auth: 'htpasswd' });
    try {
      const { id: registryId } = await connectionTo(portolan, envId, registry);
      const images: any[] = [];
      for (const path of ['a', 'b', 'c', 'd']) {
        await pushImage(registry, path, ['1.0']);
        images.push(await containerImage(portolan, envId, { imageName: `${registry.host}/${path}`, tagFilter: 'semver:*' }));
      }
      expect(await refresh(portolan, registryId)).toMatchObject({ end: 'ok', checked: 4 });
      await portolan.call('updateRegistry', { path: { id: registryId }, body: { password: 'not that one' } });
      const asked = await portolan.call('checkRegistryUpdates', { path: { id: registryId } });
      expect(await refresh(portolan, registryId, { imagesAtATime: 1 })).toMatchObject({ end: 'failed', checked: 1 });
      expect(await readConnection(registryId)).toMatchObject({
        lastRefreshStatus: 'failed',
        lastRefreshError: { reason: 'unauthorized' },
      });
      for (const { id } of images) {
        expect(await read(id)).toMatchObject({ latestTag: '1.0', lastCheckError: { reason: 'unauthorized' } });
      }
      const { body } = await portolan.call('getOperation', { path: { id: asked.body.operation.id } });
      expect(body.operation).toMatchObject({
        state: 'failed',
        error: { code: 'SERVICE_UNAVAILABLE', details: { upstream: { reason: 'unauthorized' } } },
      });
    } finally {
      await registry.close();
    }
  }, 30_000);
});

interface Said {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A registry in which each repository has one tag, except for what `odd` says of some path. */
async function startFake(odd: (path: string, request: IncomingMessage) => Said | undefined): Promise<FakeRegistry> {
  const digest = `sha256:${'a'.repeat(64)}`;
  const fake = await fakeRegistry((request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0] as string;
    const said = odd(path, request) ?? (path.endsWith('/tags/list') ? { body: { name: 'x', tags: ['1.0'] } } : { body: {} });
    const manifest = path.includes('/manifests/')
      ? { 'docker-content-digest': digest, 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
      : {};
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...manifest, ...said.headers });
    response.end(JSON.stringify(said.body ?? {}));
  });
  fakes.push(fake);
  return fake;
}

async function imagesOf(fake: FakeRegistry, paths: string[], registryConnectionId: string): Promise<string[]> {
  const ids: string[] = [];
  for (const path of paths) {
    const imageName = `${fake.host}/${path}`;
    ids.push((await containerImage(portolan, envId, { imageName, registryConnectionId, tagFilter: 'semver:*' })).id);
  }
  return ids;
}

test('one repository that wants other credentials does not keep the others from being read', async () => {
  const fake = await startFake((path) =>
    path.includes('/secret/') ? { status: 401, headers: { 'www-authenticate': 'Basic' } } : undefined,
  );
  const { id: registryId } = await connection(portolan, envId, { registryUrl: fake.url });
  const [secret, ...others] = await imagesOf(fake, ['secret', 'a', 'b'], registryId);
  expect(await refresh(portolan, registryId, { imagesAtATime: 1 })).toMatchObject({ end: 'partial', checked: 3 });
  expect(await read(secret as string)).toMatchObject({ latestTag: null, lastCheckError: { reason: 'unauthorized' } });
  for (const id of others) expect(await read(id)).toMatchObject({ latestTag: '1.0', lastCheckError: null });
  expect(await readConnection(registryId)).toMatchObject({ lastRefreshStatus: 'partial' });
});

test('a host that throttles is left alone until the time that it named', async () => {
  let throttled = false;
  const fake = await startFake(() => (throttled ? { status: 429, headers: { 'retry-after': '7200' } } : undefined));
  const { id: registryId } = await connection(portolan, envId, { registryUrl: fake.url, refreshIntervalMinutes: 5 });
  const paths = [unique('a'), unique('b'), unique('c')];
  const ids = await imagesOf(fake, paths, registryId);
  await refresh(portolan, registryId);
  throttled = true;
  const sent = fake.seen.length;
  expect(await refresh(portolan, registryId, { imagesAtATime: 1 })).toMatchObject({ end: 'partial', checked: 1 });
  expect(fake.seen.length - sent).toBe(1);
  const row = await readConnection(registryId);
  expect(row).toMatchObject({ lastRefreshStatus: 'partial', lastRefreshError: { reason: 'rate_limited' } });
  const minutes = (Date.parse((await planned(registryId)).next_refresh_at) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(119);
  for (const id of ids) expect(await read(id)).toMatchObject({ latestTag: '1.0', lastCheckError: { reason: 'rate_limited' } });
  // Nor does anybody else ask before.
  await refresh(portolan, registryId);
  expect(fake.seen.length - sent).toBe(1);
});

test('one tag whose manifest cannot be read leaves the others known, and says so', async () => {
  const fake = await startFake((path) => {
    if (path.endsWith('/tags/list')) return { body: { name: 'x', tags: ['1.0', '2.0'] } };
    return path.endsWith('/manifests/2.0') ? { headers: { 'docker-content-digest': 'nonsense' } } : undefined;
  });
  const { id: registryId } = await connection(portolan, envId, { registryUrl: fake.url });
  const [id] = await imagesOf(fake, [unique('odd')], registryId);
  expect(await refresh(portolan, registryId)).toMatchObject({ end: 'partial' });
  expect(await read(id as string)).toMatchObject({ latestTag: '1.0', lastCheckError: { reason: 'bad_response' } });
});

test('failures wait longer and longer, and a good refresh ends that', async () => {
  let broken = true;
  const fake = await startFake(() => (broken ? { status: 418 } : undefined));
  const { id: registryId } = await connection(portolan, envId, { registryUrl: fake.url, refreshIntervalMinutes: 60 });
  const [id] = await imagesOf(fake, [unique('down')], registryId);
  const waits: number[] = [];
  for (let round = 0; round < 3; round++) {
    expect((await refresh(portolan, registryId)).end).toBe('failed');
    waits.push(Math.round((Date.parse((await planned(registryId)).next_refresh_at) - Date.now()) / 60_000));
  }
  expect(waits).toEqual([10, 20, 40]);
  broken = false;
  expect((await refresh(portolan, registryId)).end).toBe('ok');
  expect((await planned(registryId)).failures).toBe(0);
  expect(await read(id as string)).toMatchObject({ lastCheckError: null, latestTag: '1.0' });
});

describe('credentials that the keys of the process do not open', () => {
  test('fail the connection, in words', async () => {
    const { id } = await connection(portolan, envId, { username: 'ci', password: 'secret' });
    await portolan.sql("update registries set password_sealed = 'v1.lost.AAAA.AAAA' where id = $1", [id]);
    expect(await refresh(portolan, id)).toMatchObject({ end: 'failed' });
    const told = { reason: 'unauthorized', message: expect.stringContaining('cannot be opened') };
    expect(await readConnection(id)).toMatchObject({ lastRefreshStatus: 'failed', lastRefreshError: told });
    const tested = await portolan.call('testRegistry', { path: { id } });
    expect(tested).toMatchObject({ status: 502, body: { details: { upstream: told } } });
    expect(tested.body.hint).toContain('PORTOLAN_MASTER_KEYS');
  });
});
