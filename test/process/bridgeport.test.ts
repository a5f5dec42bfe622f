import { BridgeportSdk, found, listOf, one } from '../support/bridgeport/sdk';
import { type KindName, Managed, type Values } from '../support/bridgeport/terraform';
import { build, endAll, newFolder, type Served, serve } from './program';

/**
 * What people who come from BridgePort run unchanged: its Go SDK, its Terraform provider and its command line, against the program
 * in compatibility mode. Their answers are decoded as strictly as theirs are.
 */

const [email, password] = ['admin@portolan.local', 'correct horse battery staple'];
const newKey = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACCzPq7zfqLffKoBDe/eo04kH2XxtSmk9D7RQyf1xUqrYgAAAJgAIAxdACAM
XQAAAAtzc2gtZWQyNTUxOQAAACCzPq7zfqLffKoBDe/eo04kH2XxtSmk9D7RQyf1xUqrYg
AAAEC2BsIi0QwW2uFscKTUUXNHLsYX4FxlaSDWblbAj7WR7bM+rvN+ot98qgEN796jTiQf
ZfG1KaT0PtFDJ/XFSqtiAAAAEHVzZXJAZXhhbXBsZS5jb20BAgMEBQ==
-----END OPENSSH PRIVATE KEY-----
`;

let served: Served;
let sdk: BridgeportSdk;
const folder = newFolder();
const environment = 'prod';
let envId: string;
beforeAll(async () => {
  await build();
  served = await serve(folder, { ADMIN_PASSWORD: password, PORTOLAN_COMPAT: 'bridgeport' });
  // The address ends with a slash, and every path begins with one.
  const url = `${served.url}/`;
  const login = await new BridgeportSdk(url, '').post(
    '/api/auth/login',
    { email, password },
    { struct: { token: 'text', user: { struct: { id: 'text', email: 'text', role: 'text' } } } },
  );
  expect(login.user).toEqual({ id: expect.stringMatching(/./), email, role: 'admin' });
  sdk = new BridgeportSdk(url, login.token);
  envId = (await sdk.post('/api/environments', { name: environment }, one('environment', 'environment'))).environment.id;
}, 90_000);
afterAll(() => endAll([served], [folder]), 30_000);

const odd = ' \t"ünï\\cödé" ${KEY} $${X}\r\n\ttab <&> \u2028 😀 \n';

describe('Terraform', () => {
  const managed = new Map<string, Managed>();
  const state = (key: string): Values => (managed.get(key) as Managed).state;
  const apply = async (key: string, name: KindName, config: Values) => {
    const one = new Managed(sdk, name, { environment, ...config });
    managed.set(key, one);
    await one.apply();
  };
  const emptyPlan = async () => {
    for (const [key, one] of managed) expect([key, await one.plan()]).toEqual([key, []]);
  };
  /** As little as the provider lets one write, and as much. */
  const configure = async () => {
    await apply('server', 'server', { name: 'web-1', hostname: '10.0.0.5' });
    await apply('server.full', 'server', {
      name: 'web 2/ü',
      hostname: 'Web2.Example.com',
      publicIp: '203.0.113.9',
      tags: ['b', 'a', 'ü"'],
    });
    await apply('registry', 'registry', { name: 'plain', type: 'generic', registryUrl: 'http://127.0.0.1:9' });
    await apply('registry.full', 'registry', {
      ...{
        name: 'full',
        type: 'generic',
        registryUrl: 'HTTPS://GHCR.io/',
        repositoryPrefix: 'Acme/',
        username: 'ci',
        password: 'pw',
      },
      ...{ isDefault: true, refreshIntervalMinutes: 60, autoLinkPattern: 'acme/*' },
    });
    await apply('image', 'image', { name: 'Plain', imageName: '127.0.0.1:9/plain' });
    await apply('image.full', 'image', {
      ...{ name: ' Shop "ü" ', imageName: '127.0.0.1:9/acme/shop', tagFilter: 'v1.*, semver:^2', autoUpdate: true },
      registryConnectionId: state('registry').id,
    });
    await apply('service', 'service', { name: 'plain', containerImageId: state('image').id });
    const types = await sdk.get('/api/settings/service-types', {
      struct: { serviceTypes: { list: { struct: { id: 'text', name: 'text' } } } },
    });
    await apply('service.full', 'service', {
      ...{ name: 'shop', containerImageId: state('image.full').id, imageTag: '2.4.0', composeTemplate: `services: {}${odd}` },
      ...{
        healthCheckUrl: 'http://LOCALHOST:8080/Health?a=b',
        baseEnv: { B: '2', A: odd, EMPTY: '' },
        deployStrategy: 'parallel',
      },
      ...{
        serviceTypeId: found(types.serviceTypes, 'name', 'django').id,
        healthWaitMs: 1000,
        healthRetries: 9,
        healthIntervalMs: 0,
      },
    });
    await apply('placement', 'placement', {
      serviceId: state('service').id,
      serverId: state('server').id,
      containerName: 'plain',
    });
    await apply('placement.full', 'placement', {
      ...{ serviceId: state('service.full').id, serverId: state('server.full').id, containerName: 'Shop_1' },
      ...{ composePath: '/srv/Shop/compose.yml', envOverrides: { Z: odd, A: '' } },
    });
    await apply('var', 'var', { key: 'EMPTY', value: '' });
    await apply('var.full', 'var', { key: 'GREETING', value: odd, description: odd });
    await apply('secret', 'secret', { key: 'TOKEN', value: 's3cret-value', neverReveal: false });
    await apply('secret.full', 'secret', { key: 'HIDDEN', value: odd, description: 'who uses it', neverReveal: true });
    await apply('fragment', 'fragment', { name: 'empty', content: '' });
    await apply('fragment.full', 'fragment', { name: 'head/er', content: odd, description: odd });
    await apply('file', 'file', { name: 'empty', filename: 'empty.conf', content: '' });
    await apply('file.full', 'file', {
      ...{ name: 'app', filename: 'App.YAML', content: odd, description: 'd', language: 'nginx' },
      fragmentIds: [state('fragment.full').id, state('fragment').id],
    });
  };
  const dependents = ['placement', 'placement.full', 'service', 'service.full', 'file', 'file.full', 'image', 'image.full'];

  test('the provider finds its credential valid', async () => {
    const { user } = await sdk.get('/api/auth/me', {
      struct: { user: { struct: { id: 'text', email: 'text', name: 'text', role: 'text' } } },
    });
    expect(user).toMatchObject({ email, role: 'admin' });
  });

  test('apply, and a second plan is empty', async () => {
    await configure();
    await emptyPlan();
  });

  test('imported by natural key, a plan is empty', async () => {
    for (const one of managed.values()) await one.import();
    await emptyPlan();
  });

  test('defaults of what is left to the service are in the first answer', () => {
    expect(state('image')).toMatchObject({ tagFilter: 'latest', autoUpdate: false });
    expect(state('service')).toMatchObject({ imageTag: 'latest', deployStrategy: 'sequential', healthRetries: 3 });
    expect(state('registry')).toMatchObject({ isDefault: false, refreshIntervalMinutes: 30, hasPassword: false });
    expect(state('registry.full')).toMatchObject({ hasPassword: true, hasToken: false });
    expect(state('file')).toMatchObject({ language: 'conf', syncStatus: 'not_attached' });
    expect(state('server.full')).toMatchObject({ privateIp: 'Web2.Example.com', status: 'unknown' });
    expect(state('placement')).toMatchObject({ status: 'unknown', containerStatus: 'unknown', discoveryStatus: 'pending' });
  });

  const changes: [string, Values][] = [
    ['server', { name: 'renamed', publicIp: '203.0.113.1', tags: ['x'] }],
    ['server', { publicIp: undefined }],
    ['server.full', { hostname: '10.0.0.7', tags: ['only'] }],
    ['registry', { name: 'renamed', username: 'u', refreshIntervalMinutes: 5 }],
    ['registry.full', { isDefault: false, autoLinkPattern: '*' }],
    ['image', { name: 'Renamed', autoUpdate: true }],
    ['image.full', { tagFilter: 'latest', autoUpdate: false }],
    ['service', { name: 'renamed', imageTag: 'edge', baseEnv: { NEW: odd }, healthRetries: 1 }],
    ['service.full', { deployStrategy: 'sequential', healthCheckUrl: 'tcp.example.com', baseEnv: { B: '3' } }],
    ['placement', { containerName: 'other', composePath: '/srv/x.yml', envOverrides: { A: '1' } }],
    ['var', { value: odd, description: 'new' }],
    ['var', { description: undefined }],
    ['secret', { value: 'rotated-value', description: 'new' }],
    ['secret.full', { description: undefined }],
    ['fragment', { name: 'renamed', content: odd }],
    ['fragment.full', { description: undefined }],
    ['file', { filename: 'now.json', content: '{}' }],
    ['file.full', { description: undefined, language: 'yaml' }],
  ];
  test.each(changes)('%s changed by %j, and a plan is empty', async (key, change) => {
    const one = managed.get(key) as Managed;
    await one.apply(change);
    expect(await one.plan()).toEqual([]);
    await one.import();
    expect(await one.plan()).toEqual([]);
  });

  test('after all changes a plan of the whole is empty', async () => {
    // What others depend on has changed its computed values, which a refresh takes over.
    for (const one of managed.values()) await one.import();
    await emptyPlan();
  });

  test('what is still referred to by id is refused in words; references by text are none', async () => {
    await expect((managed.get('server') as Managed).destroy()).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/server|placement|deployment/),
    });
    await expect((managed.get('image') as Managed).destroy()).rejects.toMatchObject({ status: 409 });
    await expect((managed.get('fragment') as Managed).destroy()).rejects.toMatchObject({ status: 409 });
  });

  test('destroyed in order of dependence, all is gone, and the same can be made again at once', async () => {
    const order = [...dependents, ...[...managed.keys()].filter((key) => !dependents.includes(key))];
    for (const key of order) {
      const one = managed.get(key) as Managed;
      const before = { ...one.state };
      await one.destroy();
      one.state = before;
      expect([key, await one.refresh()]).toEqual([key, undefined]);
      // A second destroy finds it gone, which is as good.
      await one.destroy();
    }
    managed.clear();
    await configure();
    await emptyPlan();
  });

  test('the version data source', async () => {
    const strings = ['status', 'timestamp', 'version', 'bundledAgentVersion', 'cliVersion'] as const;
    const health = await new BridgeportSdk(served.url, '').get('/health', {
      struct: Object.fromEntries(strings.map((name) => [name, 'text' as const])),
    });
    expect(health).toMatchObject({ status: 'ok', version: expect.stringMatching(/./) });
  });

  test('404 is for what is gone only: a broken id is unknown, a wrong value is 400, a missing credential 401', async () => {
    const server = one('server', 'server');
    await expect(sdk.get('/api/servers/nonsense', server)).rejects.toMatchObject({ status: 404 });
    await expect(sdk.patch(`/api/servers/${state('server').id}`, { name: '' }, server)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('name'),
    });
    await expect(new BridgeportSdk(served.url, 'x').get('/api/auth/me', server)).rejects.toMatchObject({ status: 401 });
    await expect(new BridgeportSdk(served.url, sdk.token).get('/api/environments/x/servers', server)).rejects.toMatchObject({
      status: 404,
    });
    await expect(sdk.post(`/api/environments/${envId}/servers`, { name: 'web-1', hostname: 'x' }, server)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/web-1/),
    });
  });
});

describe('the command line', () => {
  test('list, services and status walk environments, servers and services', async () => {
    const all = await sdk.environments();
    expect(all.map(({ name }) => name).sort()).toEqual(['management', environment]);
    expect(all.every(({ displayName }) => displayName !== '')).toBe(true);
    const servers = await sdk.servers(envId);
    expect(servers.length).toBe(2);
    expect(
      servers.every(({ privateIp, environmentId, status }) => privateIp !== '' && environmentId === envId && status !== ''),
    ).toBe(true);
    const [service] = await sdk.servicesOf(found(servers, 'name', 'web 2/ü').id);
    expect(service).toMatchObject({ name: 'shop', imageTag: '2.4.0', status: 'unknown', healthStatus: 'unknown' });
    expect(service.containerImage.imageName).toBe('127.0.0.1:9/acme/shop');
    expect(service.server).toMatchObject({ id: found(servers, 'name', 'web 2/ü').id, name: 'web 2/ü' });
  });

  test('run --list shows the commands of the type, and run resolves one', async () => {
    const [service] = await sdk.servicesOf(found(await sdk.servers(envId), 'name', 'web 2/ü').id);
    expect(service.serviceType.displayName).not.toBe('');
    const [command] = service.serviceType.commands;
    expect(command.command).not.toBe('');
    const resolved = await sdk.post(
      `/api/services/${service.id}/run-command`,
      { commandName: command.name },
      { struct: { command: 'text' } },
    );
    expect(resolved.command).toBe(command.command);
  });

  test('attachments are addressed by config file', async () => {
    const service = found(await sdk.list(envId, 'services', 'services', 'service'), 'name', 'shop');
    const file = found(await sdk.list(envId, 'config-files', 'configFiles', 'configFile'), 'name', 'app');
    const path = `/api/services/${service.id}/files`;
    const attached = await sdk.post(
      path,
      { configFileId: file.id, targetPath: '/etc/app.yml' },
      one('serviceFile', 'serviceFile'),
    );
    expect(attached.serviceFile).toMatchObject({ serviceId: service.id, configFileId: file.id, targetPath: '/etc/app.yml' });
    expect(attached.serviceFile.configFile.name).toBe('app');
    const moved = await sdk.patch(`${path}/${file.id}`, { targetPath: '/etc/new.yml' }, one('serviceFile', 'serviceFile'));
    expect(moved.serviceFile.targetPath).toBe('/etc/new.yml');
    const [seen] = (await sdk.list(envId, 'config-files', 'configFiles', 'configFile')).filter(({ name }) => name === 'app');
    expect(seen.syncStatus).not.toBe('not_attached');
    await sdk.delete(`${path}/${file.id}`);
    await expect(sdk.delete(`${path}/${file.id}`)).rejects.toMatchObject({ status: 404 });
  });

  test('registries, images, secrets and configs', async () => {
    const registries = await sdk.list(envId, 'registries', 'registries', 'registry');
    expect(found(registries, 'name', 'plain')._count.containerImages).toBe(1);
    const images = await sdk.list(envId, 'container-images', 'images', 'image');
    expect(found(images, 'name', 'Plain')).toMatchObject({ tagFilter: 'latest', updateAvailable: false });
    const secrets = await sdk.list(envId, 'secrets', 'secrets', 'secret');
    expect(found(secrets, 'key', 'HIDDEN')).toMatchObject({ neverReveal: true, description: 'who uses it' });
    const files = await sdk.list(envId, 'config-files', 'configFiles', 'configFile');
    expect(found(files, 'name', 'app').syncStatus).not.toBe('');
  });

  test('audit, with its filters in any order', async () => {
    const { logs, total } = await sdk.get(
      `/api/audit-logs?resourceType=server&limit=2&environmentId=${envId}&action=create`,
      listOf('logs', 'auditLog'),
    );
    expect([logs.length, total]).toEqual([2, 4]);
    expect(logs[0]).toMatchObject({ action: 'create', resourceType: 'server', success: true, user: { email } });
    expect(logs.map(({ resourceName }: Values) => resourceName)).toContain('web-1');
  });

  test('health, with a limit beyond 100 and the type service', async () => {
    const page = await sdk.get(
      `/api/environments/${envId}/health-logs?limit=500&hours=48&type=service&status=failure`,
      listOf('logs', 'healthLog'),
    );
    expect(page).toEqual({ logs: [], total: 0 });
  });

  test('ssh-key for ssh, exec and logs', async () => {
    const set = await sdk.send('PUT', `/api/environments/${envId}/ssh`, { sshPrivateKey: newKey, sshUser: 'deploy' }, undefined);
    expect(set).toBeUndefined();
    const shape = { struct: { privateKey: 'text', username: 'text' } } as const;
    expect(await sdk.get(`/api/environments/${envId}/ssh-key`, shape)).toEqual({ privateKey: newKey, username: 'deploy' });
    expect((await sdk.environment(environment)).sshConfigured).toBe(true);
  });
});
