import { CfCli } from '../support/cfCli';
import { type CfError, userAgent } from '../support/cfHttp';
import { GoCfclient } from '../support/goCfclient';
import { describeWithRegistry } from '../support/registry/binary';
import { type PushedImage, pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { build, endAll, newFolder, type Served, serve } from './program';

/**
 * What people type: the `cf` command line v8, and go-cfclient, against the program itself and a real registry. The
 * requests of each command are compared as they are sent; its answers are decoded as strictly as the real ones do.
 */

const [user, password] = ['admin@portolan.local', 'correct horse battery staple'];
const config = { Entrypoint: ['/bin/shop'], Cmd: ['serve'], User: 'app', ExposedPorts: { '8080/tcp': {} } };

describeWithRegistry('cf', () => {
  let service: Served;
  let registry: TestRegistry;
  let first: PushedImage;
  let second: PushedImage;
  let image: string;
  const folder = newFolder();
  const cf = new CfCli();
  beforeAll(async () => {
    await build();
    const settings = { ADMIN_PASSWORD: password, PORTOLAN_ORG_NAME: 'acme' };
    [service, registry] = await Promise.all([serve(folder, settings), startRegistry()]);
    [first, second] = [
      await pushImage(registry, 'acme/shop', ['1.0', 'latest'], { config }),
      await pushImage(registry, 'acme/shop', ['2.0'], { label: 'two', config }),
    ];
    image = `${registry.host}/acme/shop`;
  }, 90_000);
  afterAll(async () => {
    await endAll([service], [folder]);
    await registry.close();
  }, 30_000);

  const current = async () => (await cf.droplets('shop')).find((droplet) => droplet.current)?.guid;

  test('api reads the root', async () => {
    await cf.api(service.url);
    expect(cf.apiVersion).toBe('3.211.0');
    expect(cf.sent[0]).toEqual({
      line: 'GET /',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: '',
    });
    expect(userAgent).toMatch(/^cf\/8\./);
    cf.lines();
  });

  test('auth asks again for a wrong password, and tells who signed in', async () => {
    const refused = await cf.auth(user, 'wrong').catch((error: CfError) => error);
    expect(refused).toMatchObject({ status: 401, title: 'unauthorized' });
    cf.sent.splice(0);
    await cf.auth(user, password);
    expect(cf.sent[0]).toMatchObject({
      line: 'POST /uaa/oauth/token',
      headers: { Accept: 'application/json', Authorization: 'Basic Y2Y6', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `grant_type=password&password=correct+horse+battery+staple&username=admin%40portolan.local`,
    });
    expect(cf.user()).toEqual({ name: user, id: expect.any(String), origin: 'portolan' });
    for (const name of ['staging', 'production']) {
      const made = await cf.curl('/api/environments', 'POST', JSON.stringify({ name }));
      const { id } = JSON.parse(made.text).environment;
      // Only a connection says that a registry speaks plain http.
      const connection = JSON.stringify({ name: 'registry', type: 'generic', registryUrl: registry.url });
      expect((await cf.curl(`/api/environments/${id}/registries`, 'POST', connection)).status).toBe(201);
    }
    cf.lines();
  });

  test('login targets the only org, and the space that is named', async () => {
    await cf.signIn(`${service.url}/`, user, password, undefined, 'staging');
    const org = cf.org.guid;
    expect(cf.lines()).toEqual([
      'GET /',
      'GET /uaa/login',
      'POST /uaa/oauth/token',
      'GET /v3/organizations?order_by=name&per_page=5000',
      `GET /v3/spaces?names=staging&organization_guids=${org}&page=1&per_page=1`,
    ]);
    expect([cf.org.name, cf.space.name]).toEqual(['acme', 'staging']);
  });

  test('orgs, spaces and target find what there is', async () => {
    expect((await cf.orgs()).map(({ name }) => name)).toEqual(['acme']);
    expect((await cf.spaces()).map(({ name }) => name)).toEqual(['management', 'production', 'staging']);
    await expect(cf.target('acme', 'nowhere')).rejects.toThrow("Space 'nowhere' not found.");
    await expect(cf.target('nobody', 'staging')).rejects.toThrow("Organization 'nobody' not found.");
    cf.lines();
    await cf.target('acme', 'staging');
    expect(cf.lines()).toEqual([
      'GET /v3/organizations?names=acme&page=1&per_page=1',
      `GET /v3/spaces?names=staging&organization_guids=${cf.org.guid}&page=1&per_page=1`,
    ]);
  });

  test('create-app makes a docker app, with and without the type; a name is taken once', async () => {
    cf.lines();
    await cf.createApp('shop', 'docker');
    const [made] = cf.sent.splice(0);
    expect([made?.line, made?.body]).toEqual([
      'POST /v3/apps',
      `{"name":"shop","relationships":{"space":{"data":{"guid":"${cf.space.guid}"}}},"lifecycle":{"type":"docker","data":{}}}`,
    ]);
    await cf.createApp('blog');
    const taken = await cf.createApp('shop').catch((error: CfError) => error);
    expect(taken).toMatchObject({ status: 422, code: 10016, detail: "App with the name 'shop' already exists." });
  });

  test('apps and app show an app without droplet', async () => {
    cf.lines();
    expect(await cf.apps()).toEqual([
      { name: 'blog', state: expect.stringMatching(/^(STARTED|STOPPED)$/), types: ['web'], running: 0, instances: 0, routes: 0 },
      { name: 'shop', state: expect.any(String), types: ['web'], running: 0, instances: 0, routes: 0 },
    ]);
    const [apps, processes, routes, ...more] = cf.lines() as string[];
    expect(apps).toBe(`GET /v3/apps?order_by=name&per_page=5000&space_guids=${cf.space.guid}`);
    expect(processes).toMatch(/^GET \/v3\/processes\?app_guids=[0-9a-f-]{36}%2C[0-9a-f-]{36}&embed=process_instances$/);
    expect(routes).toMatch(/^GET \/v3\/routes\?app_guids=[0-9a-f-]{36}%2C[0-9a-f-]{36}$/);
    expect(more).toEqual([]);

    const { app, droplet, deployment } = await cf.app('shop');
    expect([app.lifecycle.type, droplet, deployment]).toEqual(['docker', undefined, undefined]);
    const guid = app.guid as string;
    expect(cf.lines()).toEqual([
      `GET /v3/apps?names=shop&space_guids=${cf.space.guid}`,
      `GET /v3/apps/${guid}/processes`,
      `GET /v3/processes/${guid}/sidecars`,
      `GET /v3/processes/${guid}/stats`,
      `GET /v3/apps/${guid}/routes`,
      `GET /v3/apps/${guid}/droplets/current`,
      `GET /v3/deployments?app_guids=${guid}&order_by=-created_at&page=1&per_page=1&status_values=ACTIVE`,
    ]);
    expect(await cf.droplets('shop')).toEqual([]);
  });

  test('create-package and stage-package turn an image into a droplet', async () => {
    cf.lines();
    const made = await cf.createPackage('shop', `${image}:1.0`);
    expect(made).toMatchObject({ type: 'docker', state: 'READY', data: { image: `${image}:1.0`, username: '', password: '' } });
    expect(cf.sent.at(-1)?.body).toMatch(
      /^\{"relationships":\{"app":\{"data":\{"guid":"[0-9a-f-]{36}"\}\}\},"type":"docker","data":\{"image":".*:1\.0"\}\}$/,
    );
    const droplet = await cf.stagePackage('shop');
    expect(droplet).toMatchObject({ state: 'STAGED', image: `${image}@${first.digest}`, buildpacks: [], stack: '' });
    expect(cf.sent.find(({ line }) => line === 'POST /v3/builds')?.body).toBe(`{"package":{"guid":"${made.guid}"}}`);
    await expect(cf.stagePackage('blog')).rejects.toThrow('Package not found');
  });

  test('what cannot be staged tells why', async () => {
    const { guid } = await cf.createPackage('blog', `${registry.host}/acme/nothing:1`);
    await expect(cf.stagePackage('blog', guid)).rejects.toThrow(/^Error staging application: StagingError - ./);
  });

  test('set-droplet makes one current; droplets marks it, app shows it', async () => {
    const { guid } = await cf.createPackage('shop', `${image}:2.0`);
    const newer = await cf.stagePackage('shop', guid);
    const [{ guid: newest }, older] = (await cf.droplets('shop')) as [any, any];
    expect([newest, older.image, await current()]).toEqual([newer.guid, `${image}@${first.digest}`, undefined]);
    cf.lines();
    await cf.setDroplet('shop', older.guid);
    expect(cf.sent.at(-1)).toMatchObject({
      line: expect.stringMatching(/^PATCH \/v3\/apps\/[0-9a-f-]{36}\/relationships\/current_droplet$/),
      body: `{"data":{"guid":"${older.guid}"}}`,
    });
    expect(await current()).toBe(older.guid);
    await cf.setDroplet('shop', newer.guid);
    expect((await cf.app('shop')).droplet).toMatchObject({ guid: newer.guid, image: `${image}@${second.digest}` });
    const wrong = await cf.setDroplet('blog', newer.guid).catch((error: CfError) => error);
    expect(wrong).toMatchObject({ status: 422, code: 10008 });
  });

  test('set-label, labels and unset-label on app, space and org; lists are selected by them', async () => {
    for (const [kind, name, path] of [
      ['app', 'shop', /^PATCH \/v3\/apps\/[0-9a-f-]{36}$/],
      ['space', 'staging', /^PATCH \/v3\/spaces\/[0-9a-f-]{36}$/],
      ['org', 'acme', /^PATCH \/v3\/organizations\/[0-9a-f-]{36}\/$/],
    ] as const) {
      await cf.setLabel(kind, name, { tier: 'web', 'acme.example/owner': 'blue' });
      expect(cf.sent.at(-1)).toMatchObject({
        line: expect.stringMatching(path),
        body: '{"metadata":{"labels":{"tier":"web","acme.example/owner":"blue"}}}',
      });
      expect(await cf.labels(kind, name)).toEqual({ tier: 'web', 'acme.example/owner': 'blue' });
      await cf.setLabel(kind, name, { tier: null });
      expect(await cf.labels(kind, name)).toEqual({ 'acme.example/owner': 'blue' });
    }
    cf.lines();
    expect((await cf.apps('acme.example/owner in (blue,red),!tier')).map(({ name }) => name)).toEqual(['shop']);
    expect(cf.lines()[0]).toContain('label_selector=acme.example%2Fowner+in+%28blue%2Cred%29%2C%21tier&order_by=name');
    expect(await cf.apps('acme.example/owner=red')).toEqual([]);
    expect((await cf.spaces('acme.example/owner')).map(({ name }) => name)).toEqual(['staging']);
    expect((await cf.orgs('!acme.example/owner')).length).toBe(0);
  });

  test('curl carries what no command does: labels and the copy of a droplet', async () => {
    const guid = (await current()) as string;
    const labelled = await cf.curl(`/v3/droplets/${guid}`, 'PATCH', '{"metadata":{"labels":{"release":"stable"}}}');
    expect(JSON.parse(labelled.text).metadata.labels).toEqual({ release: 'stable' });
    const found = await cf.curl('/v3/droplets?label_selector=release%3Dstable');
    expect(JSON.parse(found.text).resources.map((one: { guid: string }) => one.guid)).toEqual([guid]);
    const missing = await cf.curl('v3/stacks');
    expect([missing.status, JSON.parse(missing.text)]).toEqual([
      404,
      { errors: [{ code: 10000, title: 'CF-NotFound', detail: 'Unknown request' }] },
    ]);
  });

  test('a token with less than a minute left is refreshed before the next call, and so is what is no JWT', async () => {
    const { accessToken: before, refreshToken } = cf;
    const [head, , signature] = before.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(before.split('.')[1] as string, 'base64url').toString());
    expect(claims.exp - claims.iat).toBeGreaterThan(60);
    claims.exp = Math.floor(Date.now() / 1000) + 30;
    cf.accessToken = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    cf.lines();
    await cf.orgs();
    expect(cf.sent[0]).toMatchObject({
      line: 'POST /uaa/oauth/token',
      headers: { Authorization: 'Basic Y2Y6' },
      body: `client_id=cf&client_secret=&grant_type=refresh_token&refresh_token=${refreshToken}`,
    });
    expect(cf.accessToken).not.toBe(before);
    expect(cf.refreshToken).not.toBe(refreshToken);
    cf.lines();
    await cf.orgs();
    expect(cf.lines()).toHaveLength(1);
    cf.accessToken = 'opaque';
    await cf.orgs();
    expect(cf.lines()[0]).toBe('POST /uaa/oauth/token');
  });

  test('a token that is not acceptable ends the command', async () => {
    const good = cf.accessToken;
    cf.accessToken = `${good.slice(0, -4)}AAAA`;
    const refused = await cf.orgs().catch((error: CfError) => error);
    expect(refused).toMatchObject({ status: 401, title: 'CF-InvalidAuthToken', detail: 'Invalid Auth Token' });
    cf.accessToken = good;
  });

  test('auth with client credentials acts as an API token', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const token = { name: 'pipeline', role: 'viewer', allEnvironments: true, expiresAt };
    const made = await cf.curl('/api/auth/tokens', 'POST', JSON.stringify(token));
    const {
      tokenRecord: { id },
      token: secret,
    } = JSON.parse(made.text);
    const pipeline = new CfCli();
    await pipeline.api(service.url);
    await pipeline.authAsClient(id, secret);
    expect(pipeline.sent.at(-1)).toMatchObject({
      body: `client_id=${id}&client_secret=${secret}&grant_type=client_credentials`,
      headers: expect.not.objectContaining({ Authorization: expect.anything() }),
    });
    expect(pipeline.refreshToken).toBe('');
    await pipeline.target('acme', 'staging');
    expect((await pipeline.apps()).map(({ name }) => name)).toEqual(['blog', 'shop']);
    const refused = await pipeline.createApp('more').catch((error: CfError) => error);
    expect(refused).toMatchObject({ status: 403, code: 10003 });
    const wrong = await pipeline.authAsClient(id, 'ptl_pat_wrong').catch((error: CfError) => error);
    expect(wrong).toMatchObject({ status: 401, title: 'invalid_client' });
  });

  test('go-cfclient pages, copies, labels and deletes droplets', async () => {
    const client = new GoCfclient(service.url, user, password);
    const all = await client.listDroplets({ app_guids: (await cf.app('shop')).app.guid }, 1);
    expect(all.map(({ image: pinned }) => pinned)).toEqual([`${image}@${first.digest}`, `${image}@${second.digest}`]);
    expect(client.sent.filter(({ line }) => line.startsWith('GET /v3/droplets')).map(({ line }) => line)).toEqual([
      expect.stringMatching(/&page=1&per_page=1$/),
      expect.stringMatching(/&page=2&per_page=1$/),
    ]);
    const later = { 'created_ats[gt]': new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, 'Z') };
    expect(await client.listDroplets(later)).toEqual([]);
    const zoned = await client.listDroplets({ 'created_ats[gt]': '2026-03-01T08:00:00+01:00' }).catch((error: CfError) => error);
    expect(zoned).toMatchObject({ status: 400, code: 10005 });

    const { guid: blog } = (await cf.app('blog')).app;
    const docker = await client.createDroplet(blog).catch((error: CfError) => error);
    expect(docker).toMatchObject({ status: 422, code: 10008, detail: expect.stringContaining('docker') });
    const copied = await client.copyDroplet(all[0].guid, blog);
    expect(copied).toMatchObject({
      state: 'STAGED',
      image: `${image}@${first.digest}`,
      metadata: { labels: {}, annotations: {} },
    });
    expect(copied.process_types.web).toContain('serve');
    const labelled = await client.updateDroplet(copied.guid, { metadata: { labels: { a: 'b', gone: null } } });
    expect(labelled.metadata.labels).toEqual({ a: 'b' });

    client.token = 'stale';
    await client.deleteDroplet(copied.guid);
    expect((await client.listDroplets({ guids: copied.guid })).length).toBe(0);
    const kept = await client.deleteDroplet((await current()) as string).catch((error: Error) => error);
    expect(String(kept)).toContain('422');
  });

  test('delete ends the app with everything below it', async () => {
    cf.lines();
    await cf.delete('shop');
    const lines = cf.lines();
    expect(lines[1]).toMatch(/^DELETE \/v3\/apps\/[0-9a-f-]{36}$/);
    expect(lines[2]).toMatch(/^GET \/v3\/jobs\/[0-9a-f-]{36}$/);
    expect((await cf.apps()).map(({ name }) => name)).toEqual(['blog']);
    await expect(cf.app('shop')).rejects.toThrow("App 'shop' not found.");
  });
});
