import { placement, service } from '../../support/catalogue';
import { attachment, configFile, configFragment, delivered, keyed } from '../../support/configFiles';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
let serviceId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serviceId = (await service(portolan, envId)).id;
});
afterAll(() => portolan.close());

const get = (id: string, fileId: string, more: object = {}) =>
  portolan.call('getServiceFile', { path: { serviceId: id, fileId }, ...more });
const statusOf = async (id: string, fileId: string) => (await get(id, fileId)).body.serviceFile.syncStatus;
const change = async (operation: any, id: string, body: object) => {
  expect((await portolan.call(operation, { path: { id }, body })).status).toBe(200);
};

describe('200', () => {
  test('by its own id, and a base attachment by the id of its file', async () => {
    const file = await configFile(portolan, envId);
    const placed = await placement(portolan, serviceId);
    const own = await attachment(portolan, serviceId, file.id, { serviceDeploymentId: placed.id });
    expect((await get(serviceId, own.id)).body).toEqual({ serviceFile: own });
    expect((await get(serviceId, file.id)).status).toBe(404);
    const base = await attachment(portolan, serviceId, file.id);
    expect((await get(serviceId, base.id)).body).toEqual({ serviceFile: base });
    expect((await get(serviceId, file.id)).body).toEqual({ serviceFile: base });
  });

  test('with a token of the environment that may only read', async () => {
    const base = await attachment(portolan, serviceId, (await configFile(portolan, envId)).id);
    const own = await token(portolan, { environments: [envId], role: 'viewer', scopes: ['configs:read'] });
    expect((await get(serviceId, base.id, { token: own.token })).status).toBe(200);
  });
});

describe('syncStatus', () => {
  test('synced while every placement has what would be delivered now; never, pending and back', async () => {
    const { id } = await service(portolan, envId);
    const base = await attachment(portolan, id, (await configFile(portolan, envId, 'a: 1\n')).id);
    expect(await statusOf(id, base.id)).toBe('never');
    const first = await placement(portolan, id);
    expect(await statusOf(id, base.id)).toBe('never');
    await delivered(portolan, base.id, first.id, 'a: 1\n');
    const { serviceFile } = (await get(id, base.id)).body;
    expect(serviceFile).toMatchObject({ syncStatus: 'synced', lastSyncedAt: '2026-03-01T08:11:30.000Z' });
    const second = await placement(portolan, id);
    expect(await statusOf(id, base.id)).toBe('pending');
    await delivered(portolan, base.id, second.id, 'a: 0\n');
    expect(await statusOf(id, base.id)).toBe('pending');
    await delivered(portolan, base.id, second.id, 'a: 1\n');
    expect(await statusOf(id, base.id)).toBe('synced');
  });

  test('a placement with an override, for the file or at the path, is no target of the base attachment', async () => {
    const { id } = await service(portolan, envId);
    const file = await configFile(portolan, envId, 'a');
    const base = await attachment(portolan, id, file.id, { targetPath: '/a' });
    const placed = await placement(portolan, id);
    await delivered(portolan, base.id, placed.id, 'a');
    expect(await statusOf(id, base.id)).toBe('synced');
    const other = await configFile(portolan, envId, 'b');
    const override = await attachment(portolan, id, other.id, { targetPath: '/a', serviceDeploymentId: placed.id });
    expect([await statusOf(id, base.id), await statusOf(id, override.id)]).toEqual(['never', 'never']);
    await delivered(portolan, override.id, placed.id, 'b');
    expect(await statusOf(id, override.id)).toBe('synced');
  });

  test('a changed var, secret, fragment or server makes it pending, and the old value synced again', async () => {
    const place = await environment(portolan, 'sync-place');
    const { id } = await service(portolan, place);
    const placed = await placement(portolan, id);
    const fragment = await configFragment(portolan, place, 'f: ${F}\n');
    const content = 'v: ${V}\ns: ${S}\n{{range servers tag="x"}}{{.name}}{{end}}\n';
    const file = await configFile(portolan, place, content, { fragmentIds: [fragment.id] });
    const base = await attachment(portolan, id, file.id);
    const [f, v] = [await keyed(portolan, 'Var', place, 'F', '1'), await keyed(portolan, 'Var', place, 'V', '2')];
    const s = await keyed(portolan, 'Secret', place, 'S', 'old');
    const text = `# fragment ${fragment.name}\nf: 1\n\n# own content\nv: 2\ns: old\n\n`;
    await delivered(portolan, base.id, placed.id, text);
    expect(await statusOf(id, base.id)).toBe('synced');

    const there: [any, string, object, object][] = [
      ['updateVar', f.id, { value: '9' }, { value: '1' }],
      ['updateVar', v.id, { value: '${F}' }, { value: '2' }],
      ['updateSecret', s.id, { value: 'new' }, { value: 'old' }],
      ['updateConfigFragment', fragment.id, { content: 'f: ${F}' }, { content: 'f: ${F}\n' }],
      ['updateConfigFragment', fragment.id, { name: 'other' }, { name: fragment.name }],
      ['updateConfigFile', file.id, { language: 'json' }, { language: 'yaml' }],
    ];
    for (const [operation, target, forth, back] of there) {
      await change(operation, target, forth);
      const expected = operation === 'updateConfigFragment' && 'content' in forth ? 'synced' : 'pending';
      expect([operation, await statusOf(id, base.id)]).toEqual([operation, expected]);
      await change(operation, target, back);
      expect([operation, await statusOf(id, base.id)]).toEqual([operation, 'synced']);
    }
    await portolan.sql(`update servers set tags = '["x"]' where environment_id = $1`, [place]);
    expect(await statusOf(id, base.id)).toBe('pending');
    await portolan.sql(`update servers set tags = '[]' where environment_id = $1`, [place]);
    expect((await portolan.call('deleteVar', { path: { id: f.id } })).status).toBe(204);
    expect(await statusOf(id, base.id)).toBe('pending');
  });

  test('the state of the ETag follows it, the version does not', async () => {
    const { id } = await service(portolan, envId);
    const base = await attachment(portolan, id, (await configFile(portolan, envId, 'a')).id);
    const placed = await placement(portolan, id);
    const before = String((await get(id, base.id)).headers.etag);
    await delivered(portolan, base.id, placed.id, 'a');
    const after = String((await get(id, base.id)).headers.etag);
    expect(after).not.toBe(before);
    expect(after.split('.')[0]).toBe(before.split('.')[0]);
  });
});

test('304 for what the client has already', async () => {
  const base = await attachment(portolan, serviceId, (await configFile(portolan, envId)).id);
  const { headers } = await get(serviceId, base.id);
  expect((await get(serviceId, base.id, { headers: { 'if-none-match': String(headers.etag) } })).status).toBe(304);
});

test('400 for an unknown parameter', async () => {
  const base = await attachment(portolan, serviceId, (await configFile(portolan, envId)).id);
  expect((await get(serviceId, base.id, { query: { include: 'x' } })).status).toBe(400);
});

test('403 for a token without the scope', async () => {
  const base = await attachment(portolan, serviceId, (await configFile(portolan, envId)).id);
  const other = await token(portolan, { scopes: ['services:read'] });
  expect((await get(serviceId, base.id, { token: other.token })).status).toBe(403);
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, as service and as file', async (nobody) => {
    const base = await attachment(portolan, serviceId, (await configFile(portolan, envId)).id);
    expect((await get(nobody, base.id)).status).toBe(404);
    expect((await get(serviceId, nobody)).status).toBe(404);
  });

  test('an attachment of another service, a file that is not attached, and one outside a token’s environments', async () => {
    const file = await configFile(portolan, envId);
    const base = await attachment(portolan, serviceId, file.id);
    const other = (await service(portolan, envId)).id;
    expect((await get(other, base.id)).status).toBe(404);
    expect((await get(other, file.id)).status).toBe(404);
    const elsewhere = await token(portolan, { environments: [await environment(portolan)] });
    expect((await get(serviceId, base.id, { token: elsewhere.token })).status).toBe(404);
  });
});
