import { pino } from 'pino';
import { registry as connection } from '../../support/catalogue';
import { appIn, auditOf, makeCurrent, waitingJobs } from '../../support/droplets';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { pushImage, pushIndex } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, fakeRegistry } from '../../support/registry/scene';
import { buildOf, packageOf, stage, staged } from './staging';

const config = { ExposedPorts: { '8080/tcp': {} }, User: 'app', Entrypoint: ['/bin/shop'], Cmd: ['serve', 'all of it'] };

describeWithRegistry('a build from a real registry', () => {
  let portolan: Portolan;
  let open: TestRegistry;
  let locked: TestRegistry;
  let space: string;
  let app: string;
  const lines: string[] = [];
  beforeAll(async () => {
    [open, locked] = await Promise.all([startRegistry(), startRegistry({ auth: 'htpasswd', tls: true })]);
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    portolan = await startPortolan({ REGISTRY_CA_FILE: locked.caFile as string }, { log });
  });
  afterAll(() => Promise.all([portolan.close(), open.close(), locked.close()]));
  beforeEach(async () => {
    space = await environment(portolan);
    await connectionTo(portolan, space, open);
    app = await appIn(portolan, space);
  });

  const read = async (operationId: 'getDroplet' | 'getBuild', guid: string) =>
    (await portolan.call(operationId, { path: { guid } })).body;
  const serviceOf = async (id: string) => (await portolan.sql('select * from services where id = $1', [id]))[0];

  test('of a tag: the droplet is pinned to its digest, and has the start data of its image', async () => {
    const path = unique('shop');
    const pushed = await pushImage(open, path, ['1.4'], { config });
    const source = await packageOf(portolan, app, { image: `${open.host}/${path}:1.4` });
    const begun = await buildOf(portolan, source.guid);
    expect(begun).toMatchObject({ state: 'STAGING', droplet: null, error: null, package: { guid: source.guid } });
    expect(begun.links.droplet).toBeUndefined();
    expect(await waitingJobs(portolan, 'stageBuild')).toContainEqual({ payload: { buildId: begun.guid } });
    expect(await stage(portolan, begun.guid)).toEqual({ buildId: begun.guid, end: 'staged' });

    const build = await read('getBuild', begun.guid);
    expect(build).toMatchObject({ state: 'STAGED', error: null });
    expect(build.links.droplet.href).toMatch(new RegExp(`/v3/droplets/${build.droplet.guid}$`));
    const droplet = await read('getDroplet', build.droplet.guid);
    expect(droplet).toMatchObject({
      state: 'STAGED',
      error: null,
      image: `${open.host}/${path}@${pushed.digest}`,
      process_types: { web: "/bin/shop serve 'all of it'" },
    });
    expect(JSON.parse(droplet.execution_metadata)).toEqual({
      ports: [{ Port: 8080, Protocol: 'tcp' }],
      user: 'app',
      entrypoint: ['/bin/shop'],
      cmd: ['serve', 'all of it'],
    });
    expect(droplet.links.package.href).toMatch(new RegExp(`/v3/packages/${source.guid}$`));
    const [digest] = await portolan.sql(
      'select manifest_digest from image_digests join droplets on image_digest_id = image_digests.id where droplets.id = $1',
      [droplet.guid],
    );
    expect(digest).toEqual({ manifest_digest: pushed.digest });
  });

  test('never makes its droplet current; an app without image gets the container image, and keeps another one', async () => {
    const [first, second] = [unique('first'), unique('second')];
    for (const path of [first, second]) await pushImage(open, path, ['1']);
    expect((await staged(portolan, app, { image: `${open.host}/${first}:1` })).state).toBe('STAGED');
    const row = await serviceOf(app);
    expect(row.current_droplet_id).toBeNull();
    const [image] = await portolan.sql('select repository from container_images where id = $1', [row.container_image_id]);
    expect(image).toEqual({ repository: `${open.host}/${first}` });
    const service = await portolan.call('getService', { path: { id: app } });
    expect(service.body.service.containerImageId).toBe(row.container_image_id);
    expect((await staged(portolan, app, { image: `${open.host}/${second}:1` })).state).toBe('STAGED');
    expect((await serviceOf(app)).container_image_id).toBe(row.container_image_id);
  });

  test('of a digest, and of an index, whose digest is kept and whose linux/amd64 image is read', async () => {
    const path = unique('index');
    const index = await pushIndex(open, path, ['2'], { images: [{ platform: 'linux/arm64' }, { config }] });
    for (const reference of [':2', `@${index.digest}`]) {
      const build = await staged(portolan, app, { image: `${open.host}/${path}${reference}` });
      expect(await read('getDroplet', build.droplet.guid)).toMatchObject({
        image: `${open.host}/${path}@${index.digest}`,
        process_types: { web: "/bin/shop serve 'all of it'" },
      });
    }
  });

  test('of an image that says nothing has an empty start command, not none', async () => {
    const path = unique('plain');
    await pushImage(open, path, ['1']);
    const build = await staged(portolan, app, { image: `${open.host}/${path}:1` });
    const droplet = await read('getDroplet', build.droplet.guid);
    expect(droplet).toMatchObject({ execution_metadata: '{}', process_types: { web: '' } });
  });

  test('is audited in the name of whoever asked for it, like its droplet', async () => {
    const path = unique('audited');
    const { digest } = await pushImage(open, path, ['1']);
    const build = await staged(portolan, app, { image: `${open.host}/${path}:1` });
    expect((await auditOf(portolan, build.guid)).map(({ details }) => details.cfType)).toEqual([
      'audit.app.build.create',
      'audit.app.build.staged',
    ]);
    const [row] = await auditOf(portolan, build.droplet.guid);
    expect(row).toMatchObject({ action: 'create', resource_type: 'droplet', environment_id: space });
    expect(row.details).toMatchObject({ cfType: 'audit.app.droplet.create', buildGuid: build.guid, appGuid: app });
    expect(row.details.after.image).toBe(`${open.host}/${path}@${digest}`);
    const actors = await portolan.sql('select distinct user_email from audit_logs where resource_id = any($1)', [
      [build.guid, build.droplet.guid],
    ]);
    expect(actors).toEqual([{ user_email: build.created_by.email }]);
  });

  test('of a private image with credentials of its own, which are told nowhere', async () => {
    const path = unique('private');
    const { digest } = await pushImage(locked, path, ['1'], { config });
    const { username, password } = locked as { username: string; password: string };
    const image = `${locked.host}/${path}:1`;
    const source = await packageOf(portolan, app, { image, username, password });
    expect(source.data).toEqual({ image, username, password: '***' });
    const begun = await buildOf(portolan, source.guid);
    await stage(portolan, begun.guid);
    const build = await read('getBuild', begun.guid);
    expect(build.state).toBe('STAGED');
    const droplet = await read('getDroplet', build.droplet.guid);
    expect(droplet.image).toBe(`${locked.host}/${path}@${digest}`);
    const needs = 'select needs_credentials from droplets where id = $1';
    expect(await portolan.sql(needs, [droplet.guid])).toEqual([{ needs_credentials: true }]);
    const [row] = await portolan.sql('select * from packages where id = $1', [source.guid]);
    expect(row.password_sealed).toMatch(/^v1\./);
    const audits = await portolan.sql('select * from audit_logs where environment_id = $1', [space]);
    const events = await portolan.sql('select data from events');
    const jobs = await portolan.sql('select payload from graphile_worker._private_jobs');
    const listed = (await portolan.call('listPackages')).text;
    const told = JSON.stringify([row, audits, events, jobs, source, build, droplet]) + listed + lines.join('');
    expect(told).not.toContain(password);
  });

  test('of a private image with the connection of the space', async () => {
    await connectionTo(portolan, space, locked);
    const path = unique('connected');
    await pushImage(locked, path, ['1']);
    const build = await staged(portolan, app, { image: `${locked.host}/${path}:1` });
    expect(build.state).toBe('STAGED');
    const needs = 'select needs_credentials from droplets where id = $1';
    expect(await portolan.sql(needs, [build.droplet.guid])).toEqual([{ needs_credentials: false }]);
  });

  test.each<[string, () => Promise<object & { image: string }>, string]>([
    [
      'wrong credentials',
      async () => ({ image: `${locked.host}/${await pushed(locked)}:1`, username: 'portolan', password: 'wrong-pass-word' }),
      'unauthorized',
    ],
    ['no credentials', async () => ({ image: `${locked.host}/${await pushed(locked)}:1` }), 'unauthorized'],
    ['an unknown tag', async () => ({ image: `${open.host}/${await pushed(open)}:2` }), 'not_found'],
    ['a host where nobody listens', async () => ({ image: '127.0.0.1:9/acme/shop:1' }), 'connection_refused'],
  ])('fails for %s, and so does its droplet', async (_, data, reason) => {
    const build = await staged(portolan, app, await data());
    expect(build).toMatchObject({ state: 'FAILED', error: expect.stringMatching(new RegExp(`^StagingError - ${reason}: .`)) });
    expect(build.error).not.toContain('wrong-pass-word');
    const droplet = await read('getDroplet', build.droplet.guid);
    expect(droplet).toMatchObject({ state: 'FAILED', error: build.error, image: null, process_types: null });
    expect((await auditOf(portolan, build.guid)).at(-1)).toMatchObject({
      action: 'stage',
      details: { cfType: 'audit.app.build.failed' },
    });
    expect((await serviceOf(app)).container_image_id).toBeNull();
    // The next one may begin.
    expect((await buildOf(portolan, build.package.guid)).state).toBe('STAGING');
  });
  const pushed = async (registry: TestRegistry) => {
    const path = unique('refused');
    await pushImage(registry, path, ['1']);
    return path;
  };

  test('of a registry that is away for a moment is tried again, for as long as there is time', async () => {
    const own = await startRegistry();
    try {
      await connectionTo(portolan, space, own);
      await pushImage(own, 'away', ['1']);
      const { guid } = await buildOf(portolan, (await packageOf(portolan, app, { image: `${own.host}/away:1` })).guid);
      await own.stop();
      await portolan.sql('delete from graphile_worker._private_jobs');
      expect((await stage(portolan, guid)).end).toBe('waiting');
      expect(await read('getBuild', guid)).toMatchObject({ state: 'STAGING', error: null });
      const [job] = await portolan.sql('select run_at > now() as later from graphile_worker.jobs where key = $1', [
        `stageBuild:${guid}`,
      ]);
      expect(job).toEqual({ later: true });
      await own.start();
      expect((await stage(portolan, guid)).end).toBe('staged');
    } finally {
      await own.close();
    }
  });

  test('of a registry that never answers fails when its time is over', async () => {
    const silent = await fakeRegistry(() => {});
    try {
      await connection(portolan, space, { registryUrl: silent.url });
      const build = await stagedWithin(300, `${silent.host}/shop:1`);
      expect(build).toMatchObject({ state: 'FAILED', error: expect.stringMatching(/^StagingError - timeout: /) });
    } finally {
      await silent.close();
    }
  });
  const stagedWithin = async (ms: number, image: string) => {
    const { guid } = await buildOf(portolan, (await packageOf(portolan, app, { image })).guid);
    await stage(portolan, guid, { stageLimitMs: ms });
    return read('getBuild', guid);
  };

  test('that its worker leaves is taken up by the next one', async () => {
    const stopping = new AbortController();
    const silent = await fakeRegistry(() => stopping.abort(new Error('the worker is stopping')));
    try {
      await connection(portolan, space, { registryUrl: silent.url });
      const { guid } = await buildOf(portolan, (await packageOf(portolan, app, { image: `${silent.host}/shop:1` })).guid);
      await portolan.sql('delete from graphile_worker._private_jobs');
      expect((await stage(portolan, guid, { stopping: stopping.signal })).end).toBe('waiting');
      expect(await waitingJobs(portolan, 'stageBuild')).toEqual([{ payload: { buildId: guid } }]);
      expect((await read('getBuild', guid)).state).toBe('STAGING');
    } finally {
      await silent.close();
    }
  });

  test('run twice, one after the other and at once, ends once', async () => {
    const path = unique('twice');
    await pushImage(open, path, ['1']);
    const { guid } = await buildOf(portolan, (await packageOf(portolan, app, { image: `${open.host}/${path}:1` })).guid);
    const ends = await Promise.all([stage(portolan, guid), stage(portolan, guid)]);
    expect(ends.map(({ end }) => end).sort()).toEqual(['done', 'staged']);
    const before = await read('getBuild', guid);
    expect((await stage(portolan, guid)).end).toBe('done');
    expect(await read('getBuild', guid)).toEqual(before);
    expect(await auditOf(portolan, guid)).toHaveLength(2);
  });

  test('fails when its package, or its droplet, is deleted meanwhile', async () => {
    const path = unique('deleted');
    await pushImage(open, path, ['1']);
    const image = `${open.host}/${path}:1`;
    const first = await packageOf(portolan, app, { image });
    const orphan = await buildOf(portolan, first.guid);
    await portolan.sql('delete from packages where id = $1', [first.guid]);
    expect((await stage(portolan, orphan.guid)).end).toBe('failed');
    expect((await read('getBuild', orphan.guid)).error).toMatch(/^StagingError - .*package/);

    const emptied = await buildOf(portolan, (await packageOf(portolan, app, { image })).guid);
    await portolan.sql(`delete from droplets where service_id = $1 and state = 'STAGING'`, [app]);
    expect((await stage(portolan, emptied.guid)).end).toBe('failed');
    expect(await read('getBuild', emptied.guid)).toMatchObject({ state: 'FAILED', droplet: null });
    await portolan.sql('delete from services where id = $1', [app]);
    expect((await stage(portolan, emptied.guid)).end).toBe('done');
  });

  test('leaves no more droplets than are kept: the oldest expire, never the current one', async () => {
    const path = unique('kept');
    await pushImage(open, path, ['1']);
    const ids: string[] = [];
    for (const tag of ['1', 'none', '1', '1']) {
      ids.push((await staged(portolan, app, { image: `${open.host}/${path}:${tag}` })).droplet.guid);
      if (ids.length === 1) await makeCurrent(portolan, ids[0] as string);
    }
    const states = async () => {
      const rows = await portolan.sql<any>('select id, state, expired_at from droplets where service_id = $1', [app]);
      const byId = new Map(rows.map((row: any) => [row.id, row]));
      for (const row of rows) expect(row.expired_at === null).toBe(row.state !== 'EXPIRED');
      return ids.map((id) => byId.get(id).state);
    };
    expect(await states()).toEqual(['STAGED', 'FAILED', 'STAGED', 'STAGED']);
    const { guid } = await buildOf(portolan, (await packageOf(portolan, app, { image: `${open.host}/${path}:1` })).guid);
    await portolan.call('updateEnvironmentSettings', {
      path: { id: space, module: 'operations' },
      body: { keepStagedDroplets: 2 },
    });
    await stage(portolan, guid);
    ids.push((await read('getBuild', guid)).droplet.guid);
    expect(await states()).toEqual(['STAGED', 'EXPIRED', 'EXPIRED', 'EXPIRED', 'STAGED']);
  });

  test('of a repository that the space does not follow, where only such may be used', async () => {
    const { guid } = await packageOf(portolan, app, { image: `${open.host}/${await pushed(open)}:1` });
    const build = await buildOf(portolan, guid);
    await stage(portolan, build.guid, { environmentDefaults: { configuration: { allowUnknownRepositories: false } } });
    expect(await read('getBuild', build.guid)).toMatchObject({ error: expect.stringMatching(/^StagingError - forbidden: /) });
  });

  test('whose credentials no key opens fails with words that say so', async () => {
    const image = `${locked.host}/${await pushed(locked)}:1`;
    const { guid } = await packageOf(portolan, app, { image, username: 'portolan', password: 'sealed' });
    const build = await buildOf(portolan, guid);
    await stage(portolan, build.guid, { keyring: { currentId: 'other', keys: new Map([['other', Buffer.alloc(32)]]) } });
    expect((await read('getBuild', build.guid)).error).toMatch(/^StagingError - unauthorized: .*keys/);
  });
});
