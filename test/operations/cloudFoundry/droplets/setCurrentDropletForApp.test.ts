import { uuidv7 } from 'uuidv7';
import { run } from '../../../jobs/deletions/deleting';
import {
  appIn,
  auditOf,
  builtDroplet,
  type Caller,
  type Callers,
  callersOf,
  digestRow,
  dropletRow,
  newDigest,
  suspend,
} from '../../../support/droplets';
import { environment, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { imageRow, operationRow } from '../../../support/rows';

let portolan: Portolan;
let space: string;
let app: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
beforeEach(async () => {
  app = await appIn(portolan, space);
});
afterAll(() => portolan.close());

const set = (body: unknown, caller: Caller = 'admin', guid = app) =>
  portolan.call('setCurrentDropletForApp', { path: { guid }, body, token: callers[caller] });
const to = (guid: string) => ({ data: { guid } });
const serviceOf = async (id = app) => (await portolan.call('getService', { path: { id } })).body.service;
const rowOf = async (id = app) => (await portolan.sql('select * from services where id = $1', [id]))[0];

describe('200', () => {
  test.each(['admin', 'developer', 'supporter'] as const)('for the %s', async (caller) => {
    const { id } = await builtDroplet(portolan, app);
    const { status, body } = await set(to(id), caller);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { guid: id },
      links: {
        self: { href: `https://portolan.example/v3/apps/${app}/relationships/current_droplet` },
        related: { href: `https://portolan.example/v3/apps/${app}/droplets/current` },
      },
    });
  });

  test('shows under /api at once', async () => {
    const { id, image, manifestDigest } = await builtDroplet(portolan, app);
    await set(to(id), 'supporter');
    const service = await serviceOf();
    expect(service.currentDropletId).toBe(id);
    expect(service.currentDroplet).toMatchObject({ id, image, manifestDigest, tag: null });
    expect(service.currentDroplet.setBy).toMatch(/^user-.*@example\.com$/);
    expect(Date.now() - Date.parse(service.currentDroplet.setAt)).toBeLessThan(60_000);
  });

  test('lets the container image follow to another repository, and leaves the channel', async () => {
    const first = await builtDroplet(portolan, app);
    const second = await builtDroplet(portolan, app);
    await portolan.sql(`update services set image_tag = 'stable' where id = $1`, [app]);
    await set(to(first.id));
    expect(await serviceOf()).toMatchObject({ containerImageId: first.imageId, imageTag: 'stable' });
    await set(to(second.id));
    expect(await serviceOf()).toMatchObject({ containerImageId: second.imageId, imageTag: 'stable' });
  });

  test('follows also while the digest of a tag is not known', async () => {
    const image = await imageRow(portolan, space);
    const [{ repository }] = await portolan.sql('select repository from container_images where id = $1', [image]);
    const id = await dropletRow(portolan, app, { image: `${repository}:1.4` });
    await set(to(id));
    const service = await serviceOf();
    expect(service).toMatchObject({ containerImageId: image });
    expect(service.currentDroplet).toMatchObject({ manifestDigest: null, tag: '1.4' });
  });

  test('follows a repository anew whose container image was deleted since', async () => {
    const old = await builtDroplet(portolan, app);
    await set(to((await builtDroplet(portolan, app)).id));
    expect((await portolan.call('deleteContainerImage', { path: { id: old.imageId } })).status).toBe(204);
    expect((await set(to(old.id), 'supporter')).status).toBe(200);
    const service = await serviceOf();
    expect(service.containerImage).toMatchObject({ repository: old.repository });
    expect(service.currentDroplet).toMatchObject({ id: old.id, image: old.image, manifestDigest: old.manifestDigest });
  });

  test('forgets nothing of an image whose container image was deleted since', async () => {
    const { id, image } = await builtDroplet(portolan, app);
    await portolan.sql(
      'update droplets set image_digest_id = null, needs_credentials = true, manifest_lost_at = now() where id = $1',
      [id],
    );
    const { status, headers } = await set(to(id));
    expect([status, decodeURIComponent(String(headers['x-cf-warnings']))]).toEqual([200, expect.stringContaining(image)]);
    const [row] = await portolan.sql('select needs_credentials, manifest_lost_at from droplets where id = $1', [id]);
    expect(row).toEqual({ needs_credentials: true, manifest_lost_at: expect.any(String) });
  });

  test('tells anew whether there is an update', async () => {
    const repository = `ghcr.io/acme/${unique('tells')}`;
    const old = await builtDroplet(portolan, app, repository);
    const digest = newDigest();
    const newest = await digestRow(portolan, old.imageId, digest);
    await portolan.sql('update image_digests set tags = $1 where id = $2', [['latest'], newest]);
    const now = await dropletRow(portolan, app, { image: `${repository}@${digest}`, image_digest_id: newest });
    await set(to(old.id));
    expect(await serviceOf()).toMatchObject({ updateAvailable: true });
    await set(to(now));
    expect(await serviceOf()).toMatchObject({ updateAvailable: false, currentDroplet: { tag: 'latest' } });
  });

  test('counts the version of the service up, once', async () => {
    const { id } = await builtDroplet(portolan, app);
    const { version } = await rowOf();
    await set(to(id));
    expect((await rowOf()).version).toBe(version + 1);
  });

  test('with the same droplet again changes nothing', async () => {
    const { id } = await builtDroplet(portolan, app);
    await set(to(id));
    const before = await rowOf();
    expect((await set(to(id), 'developer')).status).toBe(200);
    expect(await rowOf()).toEqual(before);
    expect(await auditOf(portolan, app)).toHaveLength(1);
  });

  test('writes an audit row', async () => {
    const { id, image, imageId } = await builtDroplet(portolan, app);
    await set(to(id));
    expect(await auditOf(portolan, app)).toMatchObject([
      {
        action: 'set_current',
        operation_id: 'setCurrentDropletForApp',
        resource_type: 'service',
        environment_id: space,
        details: {
          cfType: 'audit.app.droplet.mapped',
          dropletGuid: id,
          image,
          before: { currentDropletId: null, containerImageId: null },
          after: { currentDropletId: id, containerImageId: imageId },
        },
      },
    ]);
  });

  test('of two at once, one is current, and both are told so', async () => {
    const droplets = [await builtDroplet(portolan, app), await builtDroplet(portolan, app)];
    const answers = await Promise.all(droplets.map(({ id }) => set(to(id))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const row = await rowOf();
    const current = droplets.find(({ id }) => id === row.current_droplet_id);
    expect(row.container_image_id).toBe(current?.imageId);
  });
});

describe('against its deletion', () => {
  test('what became current is not deleted by the job that waits, which fails', async () => {
    const { id } = await builtDroplet(portolan, app);
    const { headers } = await portolan.call('deleteDroplet', { path: { guid: id } });
    await set(to(id));
    const job = String(headers.location).split('/').pop() as string;
    expect(await run(portolan, job)).toMatchObject({ end: 'failed' });
    const [operation] = await portolan.sql('select state, error from operations where id = $1', [job]);
    expect(operation).toMatchObject({ state: 'failed', error: { message: expect.stringContaining(app) } });
    expect((await rowOf()).current_droplet_id).toBe(id);
  });

  test('at the same moment, it is either current or gone', async () => {
    for (let round = 0; round < 8; round++) {
      const own = await appIn(portolan, space);
      const { id } = await builtDroplet(portolan, own);
      const { headers } = await portolan.call('deleteDroplet', { path: { guid: id } });
      const job = String(headers.location).split('/').pop() as string;
      const [{ status }, { end }] = await Promise.all([set(to(id), 'admin', own), run(portolan, job)]);
      expect([status, end]).toEqual(status === 200 ? [200, 'failed'] : [422, 'deleted']);
      expect((await rowOf(own)).current_droplet_id).toBe(status === 200 ? id : null);
    }
  });
});

describe('400', () => {
  test('for a body that is no JSON', async () => {
    expect((await set('{"data"')).body.errors[0].code).toBe(1001);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await set({}, 'anonymous')).body.errors[0].code).toBe(10002);
  });
});

describe('403', () => {
  test.each(['viewer', 'reader', 'viewerWithImage', 'readerWithImage'] as const)('for the %s', async (caller) => {
    const { id } = await builtDroplet(portolan, app);
    expect((await set(to(id), caller)).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended, behind the role, and not for an admin', async () => {
    const { id } = await builtDroplet(portolan, app);
    await suspend(portolan, true);
    try {
      expect((await set({}, 'developer')).body.errors[0].code).toBe(10017);
      expect((await set(to(id), 'supporter')).body.errors[0].code).toBe(10017);
      expect((await set(to(id), 'viewerWithImage')).body.errors[0].code).toBe(10003);
      expect((await set(to(id), 'admin')).status).toBe(200);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing'])('for the app %s', async (guid) => {
    expect((await set(to(uuidv7()), 'admin', guid)).body).toEqual({
      errors: [{ code: 10010, title: 'CF-ResourceNotFound', detail: 'App not found' }],
    });
  });

  test.each(['outside', 'outsideWithImage', 'imageOnly'] as const)('for the %s', async (caller) => {
    expect((await set({}, caller)).body.errors[0].detail).toBe('App not found');
  });
});

describe('422', () => {
  const refused = async (body: unknown, guid = app) => {
    const answer = await set(body, 'admin', guid);
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, 10008]);
    return answer.body.errors[0].detail as string;
  };

  test.each([{ data: null }, { data: { guid: null } }, { data: {} }])(
    'for removal by %j, before the app is looked up',
    async (body) => {
      expect(await refused(body, 'nothing')).toContain('removal');
    },
  );

  test.each<[unknown, string]>([
    [{ data: 'x' }, "'data'"],
    [{ data: [] }, "'data'"],
    [{ data: { guid: 5 } }, "'data.guid'"],
    [{ data: { guid: '' } }, "'data.guid'"],
    [{ data: { guid: 'x'.repeat(201) } }, "'data.guid'"],
    [{ data: { guid: 'x', name: 'y' } }, "'data.name'"],
    [{ data: { guid: 'x' }, links: {} }, "'links'"],
  ])('for %j, before the app is looked up', async (body, name) => {
    expect(await refused(body, 'nothing')).toContain(name);
  });

  test('while a deployment of the app is under way', async () => {
    const { id } = await builtDroplet(portolan, app);
    const deploy = { kind: 'deploy.run', state: 'running', resource_type: 'service', resource_id: app, environment_id: space };
    await operationRow(portolan, deploy);
    expect(await refused(to(id))).toContain('deployment');
    expect(await refused({})).toContain('deployment');
    await portolan.sql(`update operations set state = 'succeeded' where resource_id = $1`, [app]);
    expect((await set(to(id))).status).toBe(200);
  });

  test('for no droplet, a missing one, and one of another app', async () => {
    const other = await builtDroplet(portolan, await appIn(portolan, space));
    for (const body of [{}, to(uuidv7()), to('nothing'), to(other.id)]) {
      const detail = await refused(body);
      expect(detail).toContain('droplet');
      expect(detail).toContain('app');
    }
  });

  test.each(['STAGING', 'FAILED', 'EXPIRED'])('for one that is %s', async (state) => {
    expect(await refused(to(await dropletRow(portolan, app, { state })))).toContain('staged');
  });

  test('for one without process types, and one without image', async () => {
    expect(await refused(to(await dropletRow(portolan, app, { process_types: null })))).toContain('process types');
    expect(await refused(to(await dropletRow(portolan, app, { image: null })))).toContain('image');
  });

  test('changes nothing', async () => {
    const { id } = await builtDroplet(portolan, app);
    await set(to(id));
    await refused(to(await dropletRow(portolan, app, { state: 'FAILED' })));
    expect((await rowOf()).current_droplet_id).toBe(id);
  });
});
