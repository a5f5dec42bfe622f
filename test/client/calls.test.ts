import { createPortolan } from '../../src/client';
import { answerJson, type ClientServer, type Reply, startClientServer } from '../support/clientServer';
import { declaredStatuses, factsOf, operationIds } from '../support/contract';

let server: ClientServer;
afterEach(() => server.close());
const start = async (reply: Reply = (_, response) => answerJson(response, 200, {})) => {
  server = await startClientServer(reply);
  return createPortolan({ url: server.url, token: 't0k3n' });
};

describe('every operation of the contract', () => {
  test('is there by its operationId, and sends its method and path, with a credential unless it is public', async () => {
    const portolan = await start((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    for (const id of operationIds) {
      const { method, path } = factsOf(id);
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
      const call = portolan.call[id] as unknown as (input: object) => Promise<unknown>;
      await call({ path: Object.fromEntries(names.map((name) => [name, `a ${name}/b`])) });
      const sent = server.sent.at(-1);
      expect([id, sent?.method.toLowerCase(), sent?.url]).toEqual([
        id,
        method,
        path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(`a ${name}/b`)),
      ]);
      const open = !declaredStatuses(id).includes('401') || ['login', 'createOauthToken'].includes(id);
      expect([id, sent?.headers.authorization]).toEqual([id, open ? undefined : 'Bearer t0k3n']);
    }
    expect(Object.keys(portolan.call).sort()).toEqual([...operationIds].sort());
  });

  test('is there by its path', async () => {
    const portolan = await start();
    for (const id of operationIds) {
      const { method, path } = factsOf(id);
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
      const byPath = portolan[method.toUpperCase() as 'GET'] as unknown as (path: string, input: object) => Promise<unknown>;
      await byPath(path, { params: { path: Object.fromEntries(names.map((name) => [name, 'x'])) } });
      expect([server.sent.at(-1)?.method.toLowerCase(), server.sent.at(-1)?.url]).toEqual([
        method,
        path.replace(/\{\w+\}/g, 'x'),
      ]);
    }
  });
});

describe('a call', () => {
  const id = 'r1';
  test('sends lists of the query with plain commas between their entries, and encoded ones inside', async () => {
    const portolan = await start();
    await portolan.call.listRegistries({ path: { envId: 'e' }, query: { name: ['a,b', 'c d'], limit: 5, isDefault: false } });
    expect(server.sent[0]?.url).toBe('/api/environments/e/registries?name=a%2Cb,c%20d&limit=5&isDefault=false');
  });

  test('sends JSON, headers of the contract, and gives the data or the whole answer', async () => {
    const portolan = await start((_, response) => answerJson(response, 200, { registry: { id } }, { ETag: '"2.a"' }));
    const input = { path: { id }, header: { 'If-Match': '"1.a"' }, body: { name: 'ghcr' } };
    expect(await portolan.call.updateRegistry(input)).toEqual({ registry: { id } });
    const { data, response } = await portolan.call.updateRegistry(input).withResponse();
    expect([data.registry.id, response.status, response.headers.get('etag')]).toEqual([id, 200, '"2.a"']);
    const [sent] = server.sent;
    expect([sent?.headers['if-match'], sent?.headers['content-type'], sent?.body]).toEqual([
      '"1.a"',
      'application/json',
      '{"name":"ghcr"}',
    ]);
  });

  test('sends a form as a form, and a file in parts with its name', async () => {
    const portolan = await start();
    await portolan.call.createOauthToken({ body: { grant_type: 'password', username: 'a b', password: 'p&q' } });
    expect([server.sent[0]?.headers['content-type'], server.sent[0]?.body]).toEqual([
      'application/x-www-form-urlencoded',
      'grant_type=password&username=a+b&password=p%26q',
    ]);
    const file = new File(['<svg/>'], 'logo.svg', { type: 'image/svg+xml' });
    await portolan.call.uploadConfigAsset({ path: { envId: 'e' }, body: { file, name: 'logo' } });
    expect(server.sent[1]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(server.sent[1]?.body).toMatch(/name="file"; filename="logo.svg"\r\nContent-Type: image\/svg\+xml\r\n\r\n<svg\/>/);
    expect(server.sent[1]?.body).toMatch(/name="name"\r\n\r\nlogo\r\n/);
  });

  test('reads texts as text, bytes as a Blob, and nothing as undefined', async () => {
    const portolan = await start((sent, response) => {
      if (sent.method === 'DELETE') response.writeHead(204).end();
      else response.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.from('ok\n'));
    });
    expect(await portolan.call.getPlainHealth()).toBe('ok\n');
    expect(await (await portolan.call.downloadConfigFile({ path: { id } })).text()).toBe('ok\n');
    expect(await portolan.call.deleteRegistry({ path: { id } })).toBeUndefined();
  });

  test.each(['', '.', '..'])('with "%s" as an id is not sent: it would be another path', async (wrong) => {
    const portolan = await start();
    const failure = { name: 'PortolanError', code: 'INVALID_CALL', field: 'id', status: undefined };
    await expect(portolan.call.deleteRegistry({ path: { id: wrong } })).rejects.toMatchObject(failure);
    expect(server.sent).toEqual([]);
  });

  test('to a path that the contract has not is not sent', async () => {
    const portolan = await start();
    const anyPath = portolan.GET as unknown as (path: string) => Promise<unknown>;
    await expect(anyPath('/api/registries/r1')).rejects.toMatchObject({
      code: 'INVALID_CALL',
      hint: expect.stringContaining('{id}'),
    });
    expect(server.sent).toEqual([]);
  });

  test('keeps the path of its address', async () => {
    await start();
    await createPortolan({ url: `${server.url}/below/` }).call.getHealth();
    expect(server.sent[0]?.url).toBe('/below/health');
  });
});
