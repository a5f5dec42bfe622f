import { uuidv7 } from 'uuidv7';
import {
  appIn,
  auditOf,
  builtDroplet,
  type Caller,
  type Callers,
  callersOf,
  digestRow,
  dropletRow,
  makeCurrent,
  newDigest,
  startData,
  suspend,
  waitingJobs,
} from '../../../support/droplets';
import { environment, token, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { imageRow } from '../../../support/rows';

let portolan: Portolan;
let space: string;
let app: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const patch = (guid: string, body: unknown, caller: Caller = 'admin') =>
  portolan.call('updateDroplet', { path: { guid }, body, token: callers[caller] });
const metadataOf = async (guid: string) => (await portolan.call('getDroplet', { path: { guid } })).body.metadata;
const rowOf = async (id: string) => (await portolan.sql('select * from droplets where id = $1', [id]))[0];
const imagesOf = (repository: string) =>
  portolan.sql('select * from container_images where environment_id = $1 and repository = $2', [space, repository]);
const labelled = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key-${n}`, `value-${n}`]));

describe('200', () => {
  test('with metadata: adds, replaces and removes keys, and keeps the others', async () => {
    const { id } = await builtDroplet(portolan, app);
    await patch(id, { metadata: { labels: { kept: '1', changed: '1', gone: '1' }, annotations: { 'a.io/note': 'old' } } });
    const { status, body } = await patch(
      id,
      { metadata: { labels: { changed: '2', gone: null, absent: null, new: '' }, annotations: { 'a.io/note': 'new' } } },
      'developer',
    );
    expect(status).toBe(200);
    expect(body.metadata).toEqual({ labels: { changed: '2', kept: '1', new: '' }, annotations: { 'a.io/note': 'new' } });
    expect(body).toMatchObject(startData);
    expect(await metadataOf(id)).toEqual(body.metadata);
  });

  test.each([
    ['nothing', {}],
    ['empty metadata', { metadata: {} }],
    ['labels of null', { metadata: { labels: null, annotations: null } }],
  ])('with %s: changes nothing but the time', async (_, body) => {
    const { id, image } = await builtDroplet(portolan, app);
    await patch(id, { metadata: { labels: { a: 'b' } } });
    await portolan.sql(
      `update droplets set created_at = '2026-03-01T08:00:00Z', updated_at = '2026-03-01T08:00:00Z' where id = $1`,
      [id],
    );
    const answer = await patch(id, body);
    expect(answer.body).toMatchObject({ image, created_at: '2026-03-01T08:00:00Z', metadata: { labels: { a: 'b' } } });
    expect(Date.now() - Date.parse(answer.body.updated_at)).toBeLessThan(60_000);
    expect((await rowOf(id)).updated_at).toMatch(/\.000Z$/);
  });

  test('with an empty body', async () => {
    const { id } = await builtDroplet(portolan, app);
    expect((await patch(id, '')).status).toBe(200);
  });

  test('with a digest that is known: pins it', async () => {
    const { id, imageId, repository } = await builtDroplet(portolan, app);
    const digest = newDigest();
    const digestId = await digestRow(portolan, imageId, digest);
    const image = `${repository}:1.5@${digest}`;
    const { body } = await patch(id, { image });
    expect(body).toMatchObject({ image, state: 'STAGED', ...startData });
    expect(await rowOf(id)).toMatchObject({ image, image_digest_id: digestId, state: 'STAGED' });
  });

  test('with a digest of a repository that the space does not follow: both are stored', async () => {
    const { id } = await builtDroplet(portolan, app);
    const repository = `ghcr.io/acme/${unique('first')}`;
    const digest = newDigest();
    await patch(id, { image: `${repository}@${digest}` });
    const [image] = await imagesOf(repository);
    expect(image).toMatchObject({ image_name: repository, name: repository.slice(8), tag_filter: 'latest' });
    const digests = await portolan.sql('select id, manifest_digest from image_digests where container_image_id = $1', [image.id]);
    expect(digests).toEqual([{ id: (await rowOf(id)).image_digest_id, manifest_digest: digest }]);
    expect((await auditOf(portolan, image.id)).map(({ action }) => action)).toEqual(['create']);
    expect(await waitingJobs(portolan, 'checkImage')).toContainEqual({ payload: { imageId: image.id } });
  });

  test('with a tag: shows it, forgets the digest and lets a job find it', async () => {
    const { id, repository } = await builtDroplet(portolan, app);
    const { body } = await patch(id, { image: `${repository}:1.5` });
    expect(body).toMatchObject({ image: `${repository}:1.5`, state: 'STAGED', ...startData });
    expect((await rowOf(id)).image_digest_id).toBeNull();
    expect(await waitingJobs(portolan, 'resolveDroplet')).toContainEqual({ payload: { dropletId: id } });
  });

  test('with a name without host: shows it as it was written', async () => {
    const { id } = await builtDroplet(portolan, app);
    const name = unique('nginx');
    expect((await patch(id, { image: name })).body.image).toBe(name);
    expect(await imagesOf(`docker.io/library/${name}`)).toHaveLength(1);
  });

  test.each([null, ''])('with the image %j: takes image and digest away', async (image) => {
    const { id } = await builtDroplet(portolan, app);
    expect((await patch(id, { image })).body).toMatchObject({ image: null, state: 'STAGED', ...startData });
    expect((await rowOf(id)).image_digest_id).toBeNull();
  });

  test('with another image: what was known of the one before is forgotten', async () => {
    const { id } = await builtDroplet(portolan, app);
    await portolan.sql('update droplets set manifest_lost_at = now(), needs_credentials = true where id = $1', [id]);
    expect((await patch(id, { image: `ghcr.io/acme/${unique('other')}:1` })).status).toBe(200);
    expect(await rowOf(id)).toMatchObject({ manifest_lost_at: null, needs_credentials: false });
  });

  test('with the image of the current droplet: its app follows', async () => {
    const own = await appIn(portolan, space);
    const built = await builtDroplet(portolan, own);
    await makeCurrent(portolan, built.id);
    await portolan.sql('update services set container_image_id = $1 where id = $2', [built.imageId, own]);
    const other = await imageRow(portolan, space);
    const [{ repository }] = await portolan.sql('select repository from container_images where id = $1', [other]);
    const newest = newDigest();
    await portolan.sql('update image_digests set tags = $1 where id = $2', [
      ['latest'],
      await digestRow(portolan, other, newest),
    ]);
    const repinned = async (digest: string) => {
      expect((await patch(built.id, { image: `${repository}@${digest}` })).status).toBe(200);
      return (await portolan.call('getService', { path: { id: own } })).body.service;
    };
    const followed = { containerImageId: other, currentDropletId: built.id, imageTag: 'latest' };
    expect(await repinned(newDigest())).toMatchObject({ ...followed, updateAvailable: true });
    expect(await repinned(newest)).toMatchObject({ ...followed, updateAvailable: false });
  });

  test('of a failed one with metadata', async () => {
    const id = await dropletRow(portolan, app, { state: 'FAILED', image: null, process_types: null });
    expect((await patch(id, { metadata: { labels: { a: 'b' } } })).body).toMatchObject({
      state: 'FAILED',
      metadata: { labels: { a: 'b' } },
    });
  });

  test('hides start data from an image right without the role of a developer', async () => {
    const { id, repository } = await builtDroplet(portolan, app);
    const image = `${repository}@${newDigest()}`;
    for (const caller of ['supporterWithImage', 'viewerWithImage', 'imageOnly'] as const) {
      const { status, body } = await patch(id, { image, metadata: { labels: { by: caller } } }, caller);
      expect(status).toBe(200);
      expect(body).toMatchObject({ image, execution_metadata: '[PRIVATE DATA HIDDEN]', metadata: { labels: { by: caller } } });
      expect(body.process_types).toEqual({ redacted_message: '[PRIVATE DATA HIDDEN]' });
    }
    for (const caller of ['developerWithImage', 'readerWithImage'] as const) {
      expect((await patch(id, { image }, caller)).body).toMatchObject(startData);
    }
  });

  test('keeps all of two changes at once', async () => {
    const { id, repository } = await builtDroplet(portolan, app);
    const bodies: object[] = Array.from({ length: 12 }, (_, n) => ({ metadata: { labels: { [`from-${n}`]: String(n) } } }));
    const image = `${repository}@${newDigest()}`;
    const answers = await Promise.all([...bodies, { image }].map((body) => patch(id, body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(13).fill(200));
    expect(Object.keys((await metadataOf(id)).labels)).toHaveLength(12);
    expect((await rowOf(id)).image).toBe(image);
  });

  test('writes an audit row with the images and the changed keys', async () => {
    const { id, image: before, repository } = await builtDroplet(portolan, app);
    const image = `${repository}@${newDigest()}`;
    await patch(id, { image, metadata: { labels: { 'a.io/tier': 'web', gone: null }, annotations: { note: 'secret words' } } });
    const [row, ...more] = await auditOf(portolan, id);
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      action: 'repoint',
      operation_id: 'updateDroplet',
      resource_type: 'droplet',
      environment_id: space,
      details: {
        cfType: 'audit.app.droplet.update',
        appGuid: app,
        changed: ['image', 'metadata'],
        before: { image: before },
        after: { image },
        metadata: { labels: ['a.io/tier', 'gone'], annotations: ['note'] },
      },
    });
    expect(JSON.stringify(row)).not.toContain('secret words');
    await patch(id, { metadata: { labels: { a: 'b' } } });
    expect((await auditOf(portolan, id))[1].action).toBe('update');
  });
});

describe('400', () => {
  test.each(['{', '[]', '"text"', 'null', '1'])('for the body %s', async (body) => {
    const { id } = await builtDroplet(portolan, app);
    const answer = await patch(id, body);
    expect([answer.status, answer.body.errors[0].code]).toEqual([400, 1001]);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await patch(uuidv7(), {}, 'anonymous')).body.errors[0].code).toBe(10002);
  });
});

describe('403', () => {
  test.each<[Caller, object]>([
    ['viewer', { metadata: {} }],
    ['viewer', { image: 'x' }],
    ['reader', { metadata: {} }],
    ['reader', { image: 'x' }],
    ['supporter', {}],
    ['supporter', { image: null }],
    ['developer', { image: 'ghcr.io/acme/shop' }],
    ['developer', { image: null }],
    ['developer', { image: 5, metadata: 7, other: 1 }],
    ['imageOnly', { metadata: {} }],
    ['viewerWithImage', { metadata: { labels: { a: 'b' } } }],
    ['readerWithImage', {}],
    ['supporterWithImage', { unknown: 1 }],
  ])('for a %s with %j', async (caller, body) => {
    const { id, image } = await builtDroplet(portolan, app);
    const answer = await patch(id, body, caller);
    expect([answer.status, answer.body.errors[0].code]).toEqual([403, 10003]);
    expect((await rowOf(id)).image).toBe(image);
  });

  test('for a viewer, before anything is looked up', async () => {
    expect((await patch(uuidv7(), {}, 'viewer')).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended, behind the role, and not for an admin', async () => {
    const { id } = await builtDroplet(portolan, app);
    await suspend(portolan, true);
    try {
      const codes = async (body: object, caller: Caller) => (await patch(id, body, caller)).body.errors?.[0].code;
      expect(await codes({ metadata: {} }, 'developer')).toBe(10017);
      expect(await codes({ metadata: 5 }, 'developer')).toBe(10017);
      expect(await codes({ image: null }, 'developer')).toBe(10003);
      expect(await codes({ image: null }, 'viewerWithImage')).toBe(10017);
      expect(await codes({}, 'supporter')).toBe(10003);
      expect(await codes({ image: 'ghcr.io/acme/shop' }, 'admin')).toBeUndefined();
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing'])('for %s', async (guid) => {
    const { body } = await patch(guid, { metadata: 5 });
    expect(body).toEqual({ errors: [{ code: 10010, title: 'CF-ResourceNotFound', detail: 'Droplet not found' }] });
  });

  test.each<[Caller, object]>([
    ['outside', {}],
    ['outside', { image: 'x' }],
    ['outsideWithImage', { image: 'x' }],
    ['outsideWithImage', {}],
  ])('%s with %j', async (caller, body) => {
    const { id } = await builtDroplet(portolan, app);
    expect((await patch(id, body, caller)).status).toBe(404);
  });

  test('for a token that may write droplets and not read them', async () => {
    const { id } = await builtDroplet(portolan, app);
    const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
    const answer = await portolan.call('updateDroplet', { path: { guid: id }, body: {}, token: blind.token });
    expect(answer.status).toBe(404);
  });
});

describe('409', () => {
  test('when other changes are always quicker', async () => {
    const { id } = await builtDroplet(portolan, app);
    await portolan.sql(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'lost' using errcode = '40001'; end $$`);
    await portolan.sql(
      `create trigger refuse before update on droplets for each row when (old.id = '${id}') execute function refuse()`,
    );
    try {
      const answer = await patch(id, { metadata: { labels: { a: 'b' } } });
      expect([answer.status, answer.body.errors[0].title]).toEqual([409, 'CF-Conflict']);
      expect((await metadataOf(id)).labels).toEqual({});
    } finally {
      await portolan.sql('drop trigger refuse on droplets');
    }
  });
});

describe('422', () => {
  const refused = async (id: string, body: unknown) => {
    const answer = await patch(id, body);
    expect(answer.status).toBe(422);
    return answer.body.errors[0] as { code: number; detail: string };
  };

  test.each<[string, object, string[]]>([
    ['another member', { size: 5 }, ["'size'"]],
    ['a member that is told', { state: 'STAGED', process_types: {} }, ["'state'", "'process_types'"]],
    ['an image that is no text', { image: 5 }, ["'image'"]],
    ['an image that is no reference', { image: 'ghcr.io/Acme/Shop' }, ["'image'", 'Acme']],
    ['an image with a broken digest', { image: 'ghcr.io/acme/shop@sha256:12' }, ["'image'", 'sha256:12']],
    ['an endless repository', { image: `ghcr.io/${'a'.repeat(1100)}` }, ["'image'", '1000']],
    ['metadata that is no object', { metadata: null }, ["'metadata'"]],
    ['a label that is no text', { metadata: { labels: { a: 5 } } }, ['labels', "'a'"]],
    [
      'everything at once',
      { image: 'x y', metadata: { labels: { '': 'a', 'cloudfoundry.org/x': 'b' } }, foo: 1 },
      ["'image'", 'cloudfoundry.org', "'foo'"],
    ],
  ])('for %s', async (_, body, names) => {
    const { id, image } = await builtDroplet(portolan, app);
    const { code, detail } = await refused(id, body);
    expect(code).toBe(10008);
    for (const name of names) expect(detail).toContain(name);
    expect((await rowOf(id)).image).toBe(image);
  });

  // Each is JSON, so that none is a parse error.
  test.each([
    ['a label called __proto__', '{"metadata":{"labels":{"__proto__":"x"}}}', "'__proto__'"],
    ['__proto__ inside of metadata', '{"metadata":{"__proto__":{}}}', "'__proto__'"],
    ['__proto__ beside metadata', '{"__proto__":{"image":null}}', "'__proto__'"],
    ['U+0000 in an annotation', '{"metadata":{"annotations":{"note":"a\\u0000b"}}}', 'metadata.annotations.note'],
    ['half of a surrogate pair in an annotation', '{"metadata":{"annotations":{"note":"\\ud800"}}}', 'metadata.annotations.note'],
    ['U+0000 in an image', '{"image":"a\\u0000b"}', "'image'"],
  ])('for %s, behind the droplet', async (_, body, name) => {
    const { id } = await builtDroplet(portolan, app);
    expect(await refused(id, body)).toMatchObject({ code: 10008, detail: expect.stringContaining(name) });
    expect((await patch(uuidv7(), body)).body.errors[0].code).toBe(10010);
    expect(await metadataOf(id)).toEqual({ labels: {}, annotations: {} });
  });

  test.each(['STAGING', 'FAILED', 'EXPIRED'])('for the image of one that is %s', async (state) => {
    const id = await dropletRow(portolan, app, { state, image: null });
    for (const image of ['ghcr.io/acme/shop', null]) {
      expect(await refused(id, { image })).toMatchObject({ code: 10008, detail: expect.stringContaining('staged') });
    }
  });

  test.each([null, ''])('for the image %j of the current one', async (image) => {
    const own = await appIn(portolan, space);
    const { id } = await builtDroplet(portolan, own);
    await makeCurrent(portolan, id);
    expect(await refused(id, { image })).toMatchObject({ code: 10008, detail: expect.stringContaining('current') });
  });

  test('a bad label leaves the image, a bad image the labels', async () => {
    const { id, image, repository } = await builtDroplet(portolan, app);
    await refused(id, { image: `${repository}:2`, metadata: { labels: { 'bad key': 'x' } } });
    await refused(id, { image: 'Bad', metadata: { labels: { good: 'x' } } });
    const { body } = await portolan.call('getDroplet', { path: { guid: id } });
    expect(body).toMatchObject({ image, metadata: { labels: {} } });
  });

  test('for labels and annotations that are too many, with the image as it was', async () => {
    const { id, image, repository } = await builtDroplet(portolan, app);
    expect(await refused(id, { image: `${repository}:2`, metadata: { labels: labelled(51) } })).toMatchObject({ code: 390020 });
    expect(await refused(id, { metadata: { annotations: labelled(201) } })).toMatchObject({ code: 390023 });
    expect((await rowOf(id)).image).toBe(image);
    expect((await patch(id, { metadata: { labels: labelled(50), annotations: labelled(200) } })).status).toBe(200);
    expect(await refused(id, { metadata: { labels: { more: '1' } } })).toMatchObject({
      code: 390020,
      detail: expect.stringMatching(/51.*50|50.*51/),
    });
  });

  test('for labels that two changes together would make too many', async () => {
    const { id } = await builtDroplet(portolan, app);
    await patch(id, { metadata: { labels: labelled(49) } });
    const answers = await Promise.all(['x', 'y', 'z'].map((key) => patch(id, { metadata: { labels: { [key]: '' } } })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
    expect(Object.keys((await metadataOf(id)).labels)).toHaveLength(50);
  });

  test('for a repository that the space does not follow, where only such may be used', async () => {
    const strict = await startPortolan({ ALLOW_UNKNOWN_REPOSITORIES: 'false' });
    try {
      const own = await appIn(strict, await environment(strict));
      const { id, repository } = await builtDroplet(strict, own);
      const call = (image: string) => strict.call('updateDroplet', { path: { guid: id }, body: { image } });
      const { body } = await call(`ghcr.io/acme/other@${newDigest()}`);
      expect(body.errors[0]).toMatchObject({ code: 10008, detail: expect.stringContaining('ghcr.io/acme/other') });
      expect((await call(`${repository}@${newDigest()}`)).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});
