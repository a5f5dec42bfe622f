import { uuidv7 } from 'uuidv7';
import { run } from '../../../jobs/deletions/deleting';
import {
  appIn,
  auditOf,
  builtDroplet,
  type Callers,
  callersOf,
  digestRow,
  dropletRow,
  newDigest,
  packageRow,
  startData,
  suspend,
  waitingJobs,
} from '../../../support/droplets';
import { environment, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { imageRow, registryRow } from '../../../support/rows';

let portolan: Portolan;
let space: string;
let production: string;
let app: string;
let target: string;
/** Reach both spaces. */
let callers: Callers;
/** Reach only the one that is copied from. */
let ofSource: Callers;
/** Reach only the one that is copied to. */
let ofTarget: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  production = await environment(portolan);
  app = await appIn(portolan, space);
  target = await appIn(portolan, production);
  const elsewhere = await environment(portolan);
  callers = await callersOf(portolan, [space, production], elsewhere);
  ofSource = await callersOf(portolan, [space], elsewhere);
  ofTarget = await callersOf(portolan, [production], elsewhere);
});
afterAll(() => portolan.close());

const toApp = (guid: string) => ({ relationships: { app: { data: { guid } } } });
const create = (body: unknown, token: string | null = callers.admin, query: Record<string, string> = {}) =>
  portolan.call('createDroplet', { body, token, query });
const copy = (source: string, to = target, token: string | null = callers.admin) =>
  create(toApp(to), token, { source_guid: source });
const rowOf = async (id: string) => (await portolan.sql('select * from droplets where id = $1', [id]))[0];
const imagesIn = (envId: string, repository: string) =>
  portolan.sql('select * from container_images where environment_id = $1 and repository = $2', [envId, repository]);
const sealed = { username: 'robot', password_sealed: 'sealed' };

describe('201', () => {
  test.each(['admin', 'developer'] as const)('for the %s: a staged copy with empty metadata', async (caller) => {
    const source = await builtDroplet(portolan, app);
    await portolan.sql('update droplets set package_id = $1 where id = $2', [await packageRow(portolan, app), source.id]);
    const metadata = { labels: { release: 'stable' } };
    await portolan.call('updateDroplet', { path: { guid: source.id }, body: { metadata } });
    const { status, body, headers } = await copy(source.id, target, callers[caller]);
    expect(status).toBe(201);
    expect(headers.location).toBeUndefined();
    expect(body.guid).not.toBe(source.id);
    expect(body).toMatchObject({ state: 'STAGED', image: source.image, error: null, ...startData });
    expect(body.metadata).toEqual({ labels: {}, annotations: {} });
    expect(body.relationships).toEqual({ app: { data: { guid: target } } });
    expect(body.links.package).toBeUndefined();
    expect(body.updated_at).toBe(body.created_at);
    expect((await portolan.call('getDroplet', { path: { guid: body.guid } })).body).toEqual(body);
  });

  test('pins the same digest in the space of the app, whose container image is made with it', async () => {
    const source = await builtDroplet(portolan, app);
    const { body } = await copy(source.id);
    const [image] = await imagesIn(production, source.repository);
    expect(image).toMatchObject({ image_name: source.repository, tag_filter: 'latest' });
    const [digest] = await portolan.sql('select * from image_digests where container_image_id = $1', [image.id]);
    expect(digest).toMatchObject({
      id: (await rowOf(body.guid)).image_digest_id,
      manifest_digest: source.manifestDigest,
      platforms: ['linux/amd64'],
      has_facts: true,
    });
    expect(await waitingJobs(portolan, 'checkImage')).toContainEqual({ payload: { imageId: image.id } });
    expect(await waitingJobs(portolan, 'resolveDroplet')).not.toContainEqual({ payload: { dropletId: body.guid } });
  });

  test('uses container image and digest that are there, with their tags', async () => {
    const source = await builtDroplet(portolan, app);
    const { repository, manifestDigest } = source;
    const image = await imageRow(portolan, production, { image_name: repository, repository, tag_filter: 'semver:^2' });
    const digestId = await digestRow(portolan, image, manifestDigest);
    await portolan.sql(`update image_digests set tags = '{2.1.0}' where id = $1`, [digestId]);
    const { body } = await copy(source.id);
    expect((await rowOf(body.guid)).image_digest_id).toBe(digestId);
    expect(await portolan.sql('select tags from image_digests where id = $1', [digestId])).toEqual([{ tags: ['2.1.0'] }]);
    expect(await imagesIn(production, repository)).toHaveLength(1);
  });

  test('within a space, and to the same app', async () => {
    const source = await builtDroplet(portolan, app);
    for (const to of [app, await appIn(portolan, space)]) {
      const { body } = await copy(source.id, to);
      expect(body.relationships.app.data.guid).toBe(to);
      expect((await rowOf(body.guid)).image_digest_id).toBe(source.digestId);
    }
  });

  test('pins a digest that only the text names', async () => {
    const image = `ghcr.io/acme/${unique('texts')}@${newDigest()}`;
    const { body } = await copy(await dropletRow(portolan, app, { image }));
    const [digest] = await portolan.sql(
      `select repository || '@' || manifest_digest as image from image_digests
       join container_images on container_images.id = container_image_id where image_digests.id = $1`,
      [(await rowOf(body.guid)).image_digest_id],
    );
    expect(digest).toEqual({ image });
  });

  test('of one whose tag is not resolved yet: the copy is resolved by itself', async () => {
    const image = `ghcr.io/acme/${unique('tagged')}:1.4`;
    const { body } = await copy(await dropletRow(portolan, app, { image }));
    expect(body.image).toBe(image);
    expect((await rowOf(body.guid)).image_digest_id).toBeNull();
    expect(await waitingJobs(portolan, 'resolveDroplet')).toContainEqual({ payload: { dropletId: body.guid } });
  });

  test('of one without image', async () => {
    const { body } = await copy(await dropletRow(portolan, app, { image: null }));
    expect(body).toMatchObject({ image: null, state: 'STAGED', ...startData });
  });

  test('where both spaces have a connection for a host that takes credentials', async () => {
    const host = `${unique('both')}.example`;
    await registryRow(portolan, space, { registry_url: host, ...sealed });
    await registryRow(portolan, production, { registry_url: host, ...sealed });
    const source = await builtDroplet(portolan, app, `${host}/shop`);
    expect((await copy(source.id)).status).toBe(201);
  });

  test('where the host asks for no credentials', async () => {
    const host = `${unique('open')}.example`;
    await registryRow(portolan, space, { registry_url: host });
    const source = await builtDroplet(portolan, app, `${host}/shop`);
    expect((await copy(source.id)).status).toBe(201);
  });

  test('while the source goes: it is there whole, or the source is not found', async () => {
    for (let round = 0; round < 8; round++) {
      const source = await builtDroplet(portolan, app);
      const { headers } = await portolan.call('deleteDroplet', { path: { guid: source.id } });
      const job = String(headers.location).split('/').pop() as string;
      const [answer, { end }] = await Promise.all([copy(source.id), run(portolan, job)]);
      expect(end).toBe('deleted');
      if (answer.status === 404) expect(answer.body.errors[0].detail).toBe('Droplet not found');
      else expect((await rowOf(answer.body.guid)).image_digest_id).not.toBeNull();
    }
  });

  test('of two at once that both need the same container image', async () => {
    const source = await builtDroplet(portolan, app);
    const answers = await Promise.all([1, 2, 3].map(() => copy(source.id)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(await imagesIn(production, source.repository)).toHaveLength(1);
  });

  test('writes an audit row', async () => {
    const source = await builtDroplet(portolan, app);
    const { body } = await copy(source.id);
    expect(await auditOf(portolan, body.guid)).toMatchObject([
      {
        action: 'create',
        operation_id: 'createDroplet',
        resource_type: 'droplet',
        environment_id: production,
        details: { cfType: 'audit.app.droplet.create', appGuid: target, sourceGuid: source.id, after: { image: source.image } },
      },
    ]);
  });
});

describe('400', () => {
  test('for a body that is no JSON', async () => {
    expect((await create('{')).body.errors[0].code).toBe(1001);
  });

  test('for an unknown query parameter, before anything is looked up', async () => {
    const { status, body } = await create({}, callers.admin, { source: uuidv7() });
    expect([status, body.errors[0].code]).toEqual([400, 10005]);
    expect(body.errors[0].detail).toContain("'source'");
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await create({}, null)).body.errors[0].code).toBe(10002);
  });
});

describe('403', () => {
  test.each(['reader', 'viewer'] as const)('for the %s, before anything is looked up', async (caller) => {
    expect((await create({ wrong: 1 }, callers[caller])).body.errors[0].code).toBe(10003);
    expect((await copy(uuidv7(), uuidv7(), callers[caller])).body.errors[0].code).toBe(10003);
  });

  test.each(['supporter', 'viewerWithImage', 'readerWithImage'] as const)('for the %s', async (caller) => {
    const source = await dropletRow(portolan, app, { state: 'FAILED' });
    expect((await create(toApp(app), callers[caller])).body.errors[0].code).toBe(10003);
    expect((await copy(source, target, callers[caller])).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended, behind the role, and not for an admin', async () => {
    const source = await builtDroplet(portolan, app);
    const failed = await dropletRow(portolan, app, { state: 'FAILED' });
    await suspend(portolan, true);
    try {
      const code = async (answer: ReturnType<typeof create>) => (await answer).body.errors?.[0].code;
      expect(await code(create(toApp(app), callers.developer))).toBe(10017);
      expect(await code(copy(failed, target, callers.developer))).toBe(10017);
      expect(await code(copy(source.id, target, callers.supporter))).toBe(10003);
      expect((await copy(source.id)).status).toBe(201);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing', ''])('for the source %j, before the destination', async (guid) => {
    const { body } = await copy(guid, uuidv7());
    expect(body.errors[0]).toEqual({ code: 10010, title: 'CF-ResourceNotFound', detail: 'Droplet not found' });
  });

  test('for a source that cannot be seen', async () => {
    const source = await builtDroplet(portolan, app);
    expect((await copy(source.id, target, ofTarget.developer)).body.errors[0].detail).toBe('Droplet not found');
    expect((await copy(source.id, target, callers.outside)).body.errors[0].detail).toBe('Droplet not found');
  });

  test('for a destination that is missing or cannot be seen', async () => {
    const source = await builtDroplet(portolan, app);
    expect((await copy(source.id, uuidv7())).body.errors[0].detail).toBe('App not found');
    expect((await copy(source.id, target, ofSource.developer)).body.errors[0].detail).toBe('App not found');
  });
});

describe('422', () => {
  const refused = async (answered: ReturnType<typeof create>) => {
    const { status, body } = await answered;
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    return body.errors[0].detail as string;
  };

  test('always without source, since apps are docker', async () => {
    for (const caller of ['admin', 'developer'] as const) {
      expect(await refused(create({ process_types: {}, ...toApp(app) }, callers[caller]))).toContain('docker');
    }
  });

  test('for an app that is missing or cannot be seen, before the right to write', async () => {
    const missing = uuidv7();
    expect(await refused(create(toApp(missing)))).toContain(`"${missing}"`);
    expect(await refused(create(toApp(app), callers.outside))).toContain(`"${app}"`);
    expect(await refused(create(toApp('no"thing'), callers.supporter))).toContain('"no"thing"');
  });

  test.each<[unknown, string[]]>([
    [{}, ['relationships']],
    [{ relationships: {} }, ['relationships.app']],
    [{ relationships: { app: {} } }, ['relationships.app.data']],
    [{ relationships: { app: { data: null } } }, ['relationships.app.data']],
    [{ relationships: { app: { data: {} } } }, ['relationships.app.data.guid']],
    [{ relationships: { app: { data: { guid: '' } } } }, ['relationships.app.data.guid']],
    [{ relationships: { app: { data: { guid: 'x'.repeat(201) } } } }, ['relationships.app.data.guid']],
    [{ relationships: { app: { data: { guid: 7 } } } }, ['relationships.app.data.guid']],
    [{ relationships: { space: {}, app: { data: { guid: 'x' } } } }, ["'relationships.space'"]],
    [{ ...toApp('x'), metadata: {} }, ["'metadata'"]],
    [{ ...toApp('x'), name: 'y', size: 5 }, ["'name'", "'size'"]],
    [{ ...toApp('x'), process_types: 'web' }, ["'process_types'"]],
    [{ ...toApp('x'), process_types: null }, ["'process_types'"]],
    [{ ...toApp('x'), process_types: { web: 5 } }, ["'process_types.web'"]],
    [{ ...toApp('x'), process_types: { '': 'x' } }, ['process_types']],
    [{ process_types: 5, foo: 1 }, ["'process_types'", "'foo'", 'relationships']],
  ])('for %j, before anything is looked up', async (body, names) => {
    const detail = await refused(create(body, callers.supporter));
    for (const name of names) expect(detail).toContain(name);
    expect(await refused(create(body, callers.supporter, { source_guid: uuidv7() }))).toContain(names[0]);
  });

  test('for start data of a copy', async () => {
    const source = await builtDroplet(portolan, app);
    const body = { ...toApp(target), process_types: {} };
    expect(await refused(create(body, callers.admin, { source_guid: source.id }))).toContain("'process_types'");
  });

  test.each(['STAGING', 'FAILED', 'EXPIRED'])('for a source that is %s', async (state) => {
    expect(await refused(copy(await dropletRow(portolan, app, { state })))).toContain('staged');
  });

  test('for a space without connection for a host that takes credentials', async () => {
    const host = `${unique('closed')}.example`;
    await registryRow(portolan, space, { registry_url: host, ...sealed });
    const source = await builtDroplet(portolan, app, `${host}/shop`);
    expect(await refused(copy(source.id))).toContain(host);
    expect(await imagesIn(production, `${host}/shop`)).toEqual([]);
    expect((await copy(source.id, await appIn(portolan, space))).status).toBe(201);
  });

  test('for a space whose connection for such a host has no credentials', async () => {
    const host = `${unique('anonymous')}.example`;
    await registryRow(portolan, space, { registry_url: host, ...sealed });
    const connection = await registryRow(portolan, production, { registry_url: host });
    const source = await builtDroplet(portolan, app, `${host}/shop`);
    expect(await refused(copy(source.id))).toContain(host);
    await portolan.sql("update registries set token_sealed = 'sealed' where id = $1", [connection]);
    expect((await copy(source.id)).status).toBe(201);
  });

  test('for an image that was read with credentials of a package, whether or not that is still there', async () => {
    const host = `${unique('inline')}.example`;
    const source = await builtDroplet(portolan, app, `${host}/shop`);
    await portolan.sql('update droplets set needs_credentials = true where id = $1', [source.id]);
    expect(await refused(copy(source.id))).toContain(host);
    const connection = await registryRow(portolan, production, { registry_url: host, ...sealed });
    const copied = await copy(source.id);
    expect(copied.status).toBe(201);
    await portolan.sql('update registries set token_sealed = null, password_sealed = null where id = $1', [connection]);
    expect(await refused(copy(copied.body.guid))).toContain(host);
  });

  test('for a repository that the space does not follow, where only such may be used', async () => {
    const strict = await startPortolan({ ALLOW_UNKNOWN_REPOSITORIES: 'false' });
    try {
      const [from, to] = [await environment(strict), await environment(strict)];
      const source = await builtDroplet(strict, await appIn(strict, from));
      const there = await appIn(strict, to);
      const call = () => strict.call('createDroplet', { body: toApp(there), query: { source_guid: source.id } });
      expect(await refused(call())).toContain('ghcr.io');
      await imageRow(strict, to, { image_name: source.repository, repository: source.repository });
      expect((await call()).status).toBe(201);
    } finally {
      await strict.close();
    }
  });
});
