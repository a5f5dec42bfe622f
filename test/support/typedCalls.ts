import { createPortolan, PortolanError } from '../../src/client';

/**
 * What the compiler takes of calls and answers, and what it refuses; nothing here is run. A test compiles it against the
 * installed package, too, as it stands from here on but for the import.
 */
const portolan = createPortolan({ url: 'http://portolan.test', token: async () => 'secret' });
const path = { id: 'a' };
const list = { envId: 'e' };

export async function answers(): Promise<unknown[]> {
  const { registry } = await portolan.call.getRegistry({ path });
  const name: string = registry.name;
  const prefix: string | null = registry.repositoryPrefix;
  const { data, response } = await portolan.GET('/api/registries/{id}', { params: { path } });
  const sameName: string = data.registry.name;
  const status: number = (await portolan.call.getHealth().withResponse()).response.status;
  const nothing: undefined = await portolan.call.deleteRegistry({ path, header: { 'If-Match': '"1.a"' } });
  const accepted: undefined = await portolan.call.deleteDroplet({ path: { guid: 'g' } });
  const text: string = await portolan.call.getOpenApiYaml();
  const bytes: Blob = await portolan.call.downloadConfigFile({ path });
  const stream: ReadableStream<Uint8Array> = await portolan.call.streamEvents();
  const { operation } = await portolan.call.checkRegistryUpdates({ path });
  const done: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' = (await portolan.waitForOperation(operation.id)).state;
  return [name, prefix, sameName, response, status, nothing, accepted, text, bytes, stream, done];
}

export async function calls(): Promise<void> {
  // What has a default may be left out.
  await portolan.call.createRegistry({ path: list, body: { name: 'ghcr', type: 'generic', registryUrl: 'ghcr.io' } });
  await portolan.PATCH('/api/registries/{id}', { params: { path }, body: { username: null }, retries: { attempts: 2 } });
  await portolan.call.uploadConfigAsset({ path: list, body: { file: new Blob(['x']), name: 'x' } });
  await portolan.call.uploadConfigAsset({ path: list, body: new FormData() });
  await portolan.call.createOauthToken({ body: { grant_type: 'password' } });
  for await (const registry of portolan.each.listRegistries({ path: list, query: { name: ['a'], limit: 5 } })) {
    const name: string = registry.name;
    void name;
  }
  for await (const page of portolan.each.listEnvironments().pages()) page.environments.map(({ id }) => id);
  for await (const droplet of portolan.each.listDroplets({ query: { per_page: '2' } })) {
    const guid: string = droplet.guid;
    void guid;
  }
  for await (const event of portolan.events({ types: ['operation'] })) {
    if (event.type === 'operation') await portolan.call.getOperation({ path: { id: event.data.operationId } });
  }
}

export async function refused(): Promise<void> {
  const { registry } = await portolan.call.getRegistry({ path });
  // @ts-expect-error an answer has no such member
  void registry.nme;
  // @ts-expect-error the path is missing
  await portolan.call.getRegistry();
  // @ts-expect-error its parameter is called id
  await portolan.call.getRegistry({ path: { ID: 'a' } });
  // @ts-expect-error a call has no such option
  await portolan.call.getRegistry({ path, nothing: 1 });
  // @ts-expect-error there is no body
  await portolan.call.getRegistry({ path, body: {} });
  // @ts-expect-error the body is missing
  await portolan.call.createRegistry({ path: list });
  // @ts-expect-error the body lacks a member
  await portolan.call.createRegistry({ path: list, body: { name: 'ghcr', type: 'generic' } });
  // @ts-expect-error a member is misspelt
  await portolan.call.createRegistry({ path: list, body: { name: 'a', type: 'generic', registryUrl: 'b', registryUrll: 'c' } });
  // @ts-expect-error there is no such type of registry
  await portolan.call.createRegistry({ path: list, body: { name: 'ghcr', type: 'generik', registryUrl: 'ghcr.io' } });
  // @ts-expect-error a parameter of the query is misspelt
  await portolan.call.listRegistries({ path: list, query: { limits: 3 } });
  // @ts-expect-error a part is misspelt
  await portolan.call.uploadConfigAsset({ path: list, body: { file: new Blob(['x']), nme: 'x' } });
  // @ts-expect-error there is no such operation
  await portolan.call.getRegistri({ path });
  // @ts-expect-error there is no such path
  await portolan.GET('/api/registriez/{id}', { params: { path } });
  // @ts-expect-error the path has no such method
  await portolan.PUT('/api/registries/{id}', { params: { path } });
  // @ts-expect-error a member is misspelt
  await portolan.PATCH('/api/registries/{id}', { params: { path }, body: { nam: 'x' } });
  // @ts-expect-error it is no list
  void portolan.each.getRegistry;
  // @ts-expect-error there are no such events
  void portolan.events({ types: ['weather'] });
  try {
    await portolan.call.getHealth();
  } catch (error) {
    // @ts-expect-error there is no such code
    if (error instanceof PortolanError && error.code === 'NOT_FUND') throw error;
  }
}
