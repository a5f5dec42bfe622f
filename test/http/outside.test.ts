import { request } from 'undici';
import { factsOf } from '../support/contract';
import { environment, token, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { type FakeRegistry, fakeRegistry, until } from '../support/registry/scene';
import { imageRow, registryRow } from '../support/rows';

/** Operations that talk to a registry which never answers. */

const timeoutMs = 700;
let portolan: Portolan;
let admin: string;
let envId: string;
let fake: FakeRegistry;
let registryId: string;
let imageId: string;
beforeAll(async () => {
  portolan = await startPortolan({}, { parts: ({ outside }) => ({ outside: { ...outside, timeoutMs } }) });
  admin = (await token(portolan)).token;
  envId = await environment(portolan);
});
afterAll(() => portolan.close());
beforeEach(async () => {
  fake = await fakeRegistry(() => {});
  registryId = await registryRow(portolan, envId, { registry_url: fake.url });
  imageId = await imageRow(portolan, envId, {
    image_name: `${fake.host}/acme/app`,
    repository: `${fake.host}/acme/app`,
    registry_connection_id: registryId,
  });
});
afterEach(() => fake.close());

const outside = [
  ['testRegistry', () => ({ id: registryId })],
  ['listRegistryRepositories', () => ({ id: registryId })],
  ['listRepositoryTags', () => ({ id: registryId, repo: 'acme/app' })],
  ['listContainerImageTags', () => ({ id: imageId })],
  ['checkContainerImageUpdates', () => ({ id: imageId })],
] as const;

const inTransactions = () =>
  portolan.sql(`select query from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid()`);

describe('a registry that never answers', () => {
  test.each(outside)('%s: 503 when the time is over, and when to try again', async (id, path) => {
    const answer = await portolan.call(id, { path: path(), token: admin });
    expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.body.details.upstream).toMatchObject({ kind: 'registry', host: fake.host, reason: 'timeout' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  test.each(outside)('%s: no transaction is open meanwhile', async (id, path) => {
    const call = portolan.call(id, { path: path(), token: admin, headers: { 'idempotency-key': unique('key') } });
    await until(
      () => fake.seen.length,
      (count) => count > 0,
    );
    expect(await inTransactions()).toEqual([]);
    expect((await call).status).toBe(503);
  });

  test.each(outside)('%s: a client that goes away ends the request to the registry', async (id, path) => {
    const { method, url } = placeOf(id, path());
    const client = new AbortController();
    const sent = request(url, { method, headers: { authorization: `Bearer ${admin}` }, signal: client.signal });
    await until(
      () => fake.seen.length,
      (count) => count > 0,
    );
    client.abort();
    await expect(sent).rejects.toThrow();
    const startedAt = Date.now();
    await until(
      () => fake.aborted,
      (count) => count > 0,
    );
    expect(Date.now() - startedAt).toBeLessThan(timeoutMs / 2);
  });

  test('the same Idempotency-Key is told that it runs, and is free again behind the failure', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const call = () => portolan.call('testRegistry', { path: { id: registryId }, token: admin, headers });
    const first = call();
    await until(
      () => fake.seen.length,
      (count) => count > 0,
    );
    const meanwhile = await call();
    expect([meanwhile.status, meanwhile.headers['retry-after']]).toEqual([409, '1']);
    expect((await first).status).toBe(503);
    expect((await call()).status).toBe(503);
  });

  test('a check that took too long is left to the queue', async () => {
    expect((await portolan.call('checkContainerImageUpdates', { path: { id: imageId }, token: admin })).status).toBe(503);
    expect(await portolan.sql(`select key from graphile_worker.jobs where key = $1`, [`checkImage:${imageId}`])).toHaveLength(1);
  });

  test('one of two readers of a list goes away, and the other one still gets it', async () => {
    let open: (() => void) | undefined;
    const slow = await fakeRegistry((_request, response) => {
      open = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"repositories":["a"]}');
    });
    const id = await registryRow(portolan, envId, { registry_url: slow.url });
    const client = new AbortController();
    const { method, url } = placeOf('listRegistryRepositories', { id });
    const leaving = request(url, { method, headers: { authorization: `Bearer ${admin}` }, signal: client.signal });
    await until(
      () => open,
      (ready) => ready !== undefined,
    );
    const staying = portolan.call('listRegistryRepositories', { path: { id }, token: admin });
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.abort();
    await expect(leaving).rejects.toThrow();
    open?.();
    expect((await staying).status).toBe(200);
    await slow.close();
  });
});

function placeOf(id: (typeof outside)[number][0], path: Record<string, string>) {
  const { method, path: template } = factsOf(id);
  const at = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] as string));
  return { method: method.toUpperCase() as 'GET' | 'POST', url: portolan.url + at };
}
