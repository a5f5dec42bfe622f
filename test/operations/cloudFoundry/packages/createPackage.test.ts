import { uuidv7 } from 'uuidv7';
import { unseal } from '../../../../src/store/sealing';
import { testKeyring } from '../../../support/config';
import { appIn, auditOf, type Callers, callersOf, packageRow, suspend } from '../../../support/droplets';
import { environment, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { imageRow, registryRow } from '../../../support/rows';

let portolan: Portolan;
let strict: Portolan;
let space: string;
let production: string;
let app: string;
let target: string;
/** Reach both spaces. */
let callers: Callers;
/** Reach only the one that is copied from. */
let ofSource: Callers;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  strict = await startPortolan({ ALLOW_UNKNOWN_REPOSITORIES: 'false' });
  space = await environment(portolan);
  production = await environment(portolan);
  app = await appIn(portolan, space);
  target = await appIn(portolan, production);
  const elsewhere = await environment(portolan);
  callers = await callersOf(portolan, [space, production], elsewhere);
  ofSource = await callersOf(portolan, [space], elsewhere);
});
afterAll(() => Promise.all([portolan.close(), strict.close()]));

const toApp = (guid: string) => ({ relationships: { app: { data: { guid } } } });
const docker = (guid: string, data: object = {}) => ({
  type: 'docker',
  ...toApp(guid),
  data: { image: 'ghcr.io/acme/shop:1.4', ...data },
});
const create = (body: unknown, token: string | null = callers.admin, query: Record<string, string> = {}) =>
  portolan.call('createPackage', { body, token, query });
const copy = (source: string, to = target, token: string | null = callers.admin) =>
  create(toApp(to), token, { source_guid: source });
const passwordOf = async (id: string) => {
  const [row] = await portolan.sql('select password_sealed from packages where id = $1', [id]);
  return unseal(testKeyring, { table: 'packages', column: 'password', rowId: id }, row.password_sealed);
};

describe('201', () => {
  test.each(['admin', 'developer'] as const)('for the %s: a package that is ready at once', async (caller) => {
    const metadata = { labels: { source: 'nightly' }, annotations: { note: 'Signed off.' } };
    const { status, headers, body } = await create({ ...docker(app), metadata }, callers[caller]);
    expect(status).toBe(201);
    expect(headers.location).toBeUndefined();
    expect(body).toEqual({
      guid: expect.any(String),
      created_at: expect.any(String),
      updated_at: body.created_at,
      type: 'docker',
      data: { image: 'ghcr.io/acme/shop:1.4', username: null, password: null },
      state: 'READY',
      relationships: { app: { data: { guid: app } } },
      metadata,
      links: {
        self: { href: `https://portolan.example/v3/packages/${body.guid}` },
        app: { href: `https://portolan.example/v3/apps/${app}` },
      },
    });
    expect((await portolan.call('getPackage', { path: { guid: body.guid } })).body).toEqual(body);
  });

  test('with credentials, which are sealed and never told', async () => {
    const { body, text } = await create(docker(app, { username: 'robot', password: 'pa55-of-a-robot' }));
    expect(body.data).toEqual({ image: 'ghcr.io/acme/shop:1.4', username: 'robot', password: '***' });
    expect(text).not.toContain('pa55');
    expect(await passwordOf(body.guid)).toBe('pa55-of-a-robot');
    const [row] = await auditOf(portolan, body.guid);
    expect(row).toMatchObject({
      action: 'create',
      operation_id: 'createPackage',
      resource_type: 'package',
      environment_id: space,
      details: { cfType: 'audit.app.package.create', appGuid: app, after: { username: 'robot' } },
    });
    expect(JSON.stringify(row)).not.toContain('pa55');
  });

  test.each([
    ['null', null],
    ['an empty text', ''],
  ])('with credentials that are %s: without', async (_, nothing) => {
    const { body } = await create(docker(app, { username: nothing, password: nothing }));
    expect(body.data).toMatchObject({ username: null, password: null });
    expect(await portolan.sql('select password_sealed from packages where id = $1', [body.guid])).toEqual([
      { password_sealed: null },
    ]);
  });

  test.each(['nginx', 'acme/shop', 'localhost:5000/a/b:1', `ghcr.io/a/b@sha256:${'a'.repeat(64)}`])(
    'with the image %s, told as it was given',
    async (image) => {
      expect((await create(docker(app, { image }))).body.data.image).toBe(image);
    },
  );

  test.each(['admin', 'developer'] as const)('a copy for the %s: same image, credentials sealed anew', async (caller) => {
    const metadata = { labels: { source: 'nightly' } };
    const source = (await create({ ...docker(app, { username: 'robot', password: 'secret-of-a-robot' }), metadata })).body;
    const { status, body } = await copy(source.guid, target, callers[caller]);
    expect(status).toBe(201);
    expect(body.guid).not.toBe(source.guid);
    expect(body).toMatchObject({ data: source.data, relationships: { app: { data: { guid: target } } } });
    expect(body.metadata).toEqual({ labels: {}, annotations: {} });
    expect(await passwordOf(body.guid)).toBe('secret-of-a-robot');
    const rows = await portolan.sql('select distinct password_sealed from packages where id = any($1)', [
      [source.guid, body.guid],
    ]);
    expect(rows).toHaveLength(2);
    const [row] = await auditOf(portolan, body.guid);
    expect(row.details).toMatchObject({ cfType: 'audit.app.package.create', sourceGuid: source.guid, appGuid: target });
  });

  test('a copy of one without credentials, where both spaces have a connection', async () => {
    const host = `${unique('both')}.example`;
    const sealed = { username: 'robot', password_sealed: 'sealed' };
    await registryRow(portolan, space, { registry_url: host, ...sealed });
    await registryRow(portolan, production, { registry_url: host, ...sealed });
    expect((await copy(await packageRow(portolan, app, { image: `${host}/shop:1` }))).status).toBe(201);
  });

  test('a copy with credentials of its own, where the space has no connection', async () => {
    const host = `${unique('own')}.example`;
    await registryRow(portolan, space, { registry_url: host, username: 'robot', password_sealed: 'sealed' });
    const { body } = await create(docker(app, { image: `${host}/shop:1`, username: 'robot', password: 'a-password' }));
    expect((await copy(body.guid)).status).toBe(201);
  });

  test('of a repository that the space follows, where only such may be used', async () => {
    const envId = await environment(strict);
    const guid = await appIn(strict, envId);
    const repository = `ghcr.io/acme/${unique('followed')}`;
    await imageRow(strict, envId, { image_name: repository, repository });
    expect((await strict.call('createPackage', { body: docker(guid, { image: `${repository}:9` }) })).status).toBe(201);
  });
});

describe('400', () => {
  test('for a body that is no JSON', async () => {
    expect((await create('{')).body.errors[0].code).toBe(1001);
  });

  test('for an unknown query parameter', async () => {
    expect((await create(docker(app), callers.admin, { source: 'x' })).body.errors[0].code).toBe(10005);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await create(docker(app), null)).status).toBe(401);
  });
});

describe('403', () => {
  test.each(['viewer', 'reader'] as const)('for the %s, before anything is looked up', async (caller) => {
    expect((await create({ wrong: 1 }, callers[caller])).body.errors[0].code).toBe(10003);
  });

  test('for the supporter', async () => {
    expect((await create(docker(app), callers.supporter)).body.errors[0].code).toBe(10003);
    expect((await copy(await packageRow(portolan, app), target, callers.supporter)).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended, behind the role, and not for an admin', async () => {
    await suspend(portolan, true);
    try {
      expect((await create(docker(app), callers.developer)).body.errors[0].code).toBe(10017);
      expect((await create(docker(app), callers.supporter)).body.errors[0].code).toBe(10003);
      expect((await create(docker(app))).status).toBe(201);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing', ''])('for the source %j, before the destination', async (guid) => {
    const { body } = await copy(guid, uuidv7());
    expect(body.errors[0]).toEqual({ code: 10010, title: 'CF-ResourceNotFound', detail: 'Package not found' });
  });

  test('for a source that cannot be seen', async () => {
    expect((await copy(await packageRow(portolan, app), target, callers.outside)).body.errors[0].detail).toBe(
      'Package not found',
    );
  });
});

describe('422', () => {
  const refused = async (answered: ReturnType<typeof create>) => {
    const { status, body } = await answered;
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    return body.errors[0].detail as string;
  };

  test.each<[unknown, string[]]>([
    [{}, ['relationships', "'type'", "'data'"]],
    [toApp('x'), ["'type'", "'data'"]],
    [{ ...docker('x'), type: 'bits' }, ['docker']],
    [{ ...docker('x'), type: 'cnb' }, ["'type'"]],
    [{ ...docker('x'), data: {} }, ["'data.image'"]],
    [{ ...docker('x'), data: null }, ["'data'"]],
    [docker('x', { image: '' }), ["'data.image'"]],
    [docker('x', { image: 7 }), ["'data.image'"]],
    [docker('x', { image: 'https://ghcr.io/acme/shop' }), ["'data.image'"]],
    [docker('x', { image: 'ACME/Shop' }), ["'data.image'"]],
    [docker('x', { username: 5, password: {} }), ["'data.username'", "'data.password'"]],
    [docker('x', { token: 'y' }), ["'data.token'"]],
    [{ ...docker('x'), state: 'READY' }, ["'state'"]],
    [{ ...docker('x'), metadata: { labels: { 'a b': 'c' } } }, ['a b']],
    [{ ...docker('x'), relationships: { app: { data: {} } } }, ['relationships.app.data.guid']],
  ])('for %j, before anything is looked up', async (body, names) => {
    const detail = await refused(create(body, callers.supporter));
    for (const name of names) expect(detail).toContain(name);
  });

  test('for a password, without telling it', async () => {
    const { text } = await create(docker('x', { image: 'A', password: 'pa55-in-a-bad-body', username: 7 }));
    expect(text).not.toContain('pa55');
  });

  test('for an app that is missing or cannot be seen, before the right to write', async () => {
    const missing = uuidv7();
    expect(await refused(create(docker(missing)))).toContain(`"${missing}"`);
    expect(await refused(create(docker(app), callers.outside))).toContain(`"${app}"`);
    expect(await refused(create(docker('nothing'), callers.supporter))).toContain('"nothing"');
  });

  test('for too many labels, and nothing is stored', async () => {
    const labels = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, 'x']));
    const guid = await appIn(portolan, space);
    const { status, body } = await create({ ...docker(guid), metadata: { labels } });
    expect([status, body.errors[0].code]).toEqual([422, 390020]);
    expect(await portolan.sql('select from packages where service_id = $1', [guid])).toEqual([]);
  });

  test('for a repository that the space does not follow, where only such may be used', async () => {
    const envId = await environment(strict);
    const guid = await appIn(strict, envId);
    const { status, body } = await strict.call('createPackage', { body: docker(guid) });
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    expect(body.errors[0].detail).toContain('ghcr.io/acme/shop');
    // The setting of the space goes before the variable, for this space alone.
    const allow = (allowUnknownRepositories: boolean | null) =>
      strict.call('updateEnvironmentSettings', {
        path: { id: envId, module: 'configuration' },
        body: { allowUnknownRepositories },
      });
    await allow(true);
    expect((await strict.call('createPackage', { body: docker(guid) })).status).toBe(201);
    const other = await appIn(strict, await environment(strict));
    expect((await strict.call('createPackage', { body: docker(other) })).status).toBe(422);
    await allow(null);
    expect((await strict.call('createPackage', { body: docker(guid) })).status).toBe(422);
  });

  test('for a repository that this space alone does not take', async () => {
    const envId = await environment(portolan);
    const body = { allowUnknownRepositories: false };
    await portolan.call('updateEnvironmentSettings', { path: { id: envId, module: 'configuration' }, body });
    expect(await refused(create(docker(await appIn(portolan, envId))))).toContain('ghcr.io/acme/shop');
    const source = await packageRow(portolan, app, { image: 'ghcr.io/acme/shop:1.4' });
    expect(await refused(copy(source, await appIn(portolan, envId)))).toContain('ghcr.io/acme/shop');
  });

  test.each(['type', 'data', 'metadata'])('for a copy with %s', async (member) => {
    const body = { ...toApp(target), [member]: ({ ...docker(target), metadata: {} } as Record<string, unknown>)[member] };
    const source = await packageRow(portolan, app);
    expect(await refused(create(body, callers.admin, { source_guid: source }))).toContain(`'${member}'`);
  });

  test('for a destination of a copy that is missing or cannot be seen', async () => {
    const source = await packageRow(portolan, app);
    const missing = uuidv7();
    expect(await refused(copy(source, missing))).toContain(`"${missing}"`);
    expect(await refused(copy(source, target, ofSource.developer))).toContain(`"${target}"`);
  });

  test('for a copy into a space whose connection for a host has no credentials, which that takes', async () => {
    const host = `${unique('anonymous')}.example`;
    await registryRow(portolan, space, { registry_url: host, username: 'robot', password_sealed: 'sealed' });
    await registryRow(portolan, production, { registry_url: host });
    const { status, body } = await copy(await packageRow(portolan, app, { image: `${host}/shop:1` }));
    expect([status, body.errors[0].detail]).toEqual([422, expect.stringContaining(host)]);
  });

  test('for a copy into a space without a connection for a host that takes credentials', async () => {
    const host = `${unique('alone')}.example`;
    await registryRow(portolan, space, { registry_url: host, username: 'robot', password_sealed: 'sealed' });
    expect(await refused(copy(await packageRow(portolan, app, { image: `${host}/shop:1` })))).toContain(host);
  });
});
