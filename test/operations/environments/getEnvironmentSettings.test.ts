import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const read = (id: string, module: string, more: object = {}) =>
  portolan.call('getEnvironmentSettings', { path: { id, module }, ...more });

describe('200', () => {
  test('the settings, and what a form needs to know of them', async () => {
    const { body } = await read(await environment(portolan), 'operations');
    expect(body.settings).toEqual({
      defaultDockerMode: 'ssh',
      autoPruneImages: false,
      pruneImagesMode: 'dangling',
      autoManageCompose: false,
      keepStagedDroplets: 42,
    });
    expect(body.definitions[0]).toEqual({
      key: 'defaultDockerMode',
      type: 'enum',
      default: 'ssh',
      label: expect.any(String),
      description: expect.any(String),
      group: 'Docker',
      options: ['ssh', 'socket'],
      min: null,
      max: null,
    });
    expect(body.definitions[4]).toMatchObject({ type: 'integer', default: 42, options: null, min: 1, max: 1000 });
  });

  test('each environment has its own', async () => {
    const [a, b] = [await environment(portolan), await environment(portolan)];
    await portolan.call('updateEnvironmentSettings', { path: { id: a, module: 'general' }, body: { sshUser: 'deploy' } });
    expect((await read(a, 'general')).body.settings).toEqual({ sshUser: 'deploy' });
    expect((await read(b, 'general')).body.settings).toEqual({ sshUser: 'root' });
  });
});

describe('304', () => {
  test('while nothing changed', async () => {
    const id = await environment(portolan);
    const { etag } = (await read(id, 'general')).headers;
    expect((await read(id, 'general', { headers: { 'if-none-match': etag } })).status).toBe(304);
    await portolan.call('updateEnvironmentSettings', { path: { id, module: 'general' }, body: { sshUser: 'deploy' } });
    expect((await read(id, 'general', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });
});

describe('404', () => {
  test.each(['ssh', 'General', 'constructor', '__proto__', 'general '])('the module %j is none', async (module) => {
    expect((await read(await environment(portolan), module)).status).toBe(404);
  });
});
