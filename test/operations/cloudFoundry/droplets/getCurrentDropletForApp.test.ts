import { uuidv7 } from 'uuidv7';
import { appIn, builtDroplet, type Callers, callersOf, makeCurrent, startData } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let app: string;
let dropletId: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  await builtDroplet(portolan, app);
  dropletId = (await builtDroplet(portolan, app)).id;
  await makeCurrent(portolan, dropletId);
});
afterAll(() => portolan.close());

const get = (guid = app, token = callers.developer) => portolan.call('getCurrentDropletForApp', { path: { guid }, token });

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)(
    'shows the %s what getDroplet shows',
    async (caller) => {
      const { status, body } = await get(app, callers[caller]);
      expect(status).toBe(200);
      const same = await portolan.call('getDroplet', { path: { guid: dropletId }, token: callers[caller] });
      expect(body).toEqual(same.body);
    },
  );

  test('shows and hides start data by role', async () => {
    for (const caller of ['admin', 'reader', 'developer'] as const) {
      expect((await get(app, callers[caller])).body).toMatchObject(startData);
    }
    for (const caller of ['supporter', 'viewer'] as const) {
      const { body } = await get(app, callers[caller]);
      expect(body.execution_metadata).toBe('[PRIVATE DATA HIDDEN]');
      expect(body.process_types).toEqual({ redacted_message: '[PRIVATE DATA HIDDEN]' });
    }
  });
});

describe('X-Cf-Warnings', () => {
  const image = 'ghcr.io/acme/shop@sha256:0';
  test('is left out while there is nothing to say', async () => {
    expect((await get()).headers['x-cf-warnings']).toBeUndefined();
  });

  test('tells everybody who looks that the registry lost the image', async () => {
    await portolan.sql('update droplets set manifest_lost_at = now(), image = $2 where id = $1', [dropletId, image]);
    const setAgain = { path: { guid: app }, body: { data: { guid: dropletId } } };
    const answers = [
      await get(),
      await portolan.call('getDroplet', { path: { guid: dropletId } }),
      await portolan.call('setCurrentDropletForApp', setAgain),
    ];
    for (const { status, headers } of answers) {
      const told = String(headers['x-cf-warnings']);
      expect([status, told.includes(' '), decodeURIComponent(told)]).toEqual([200, false, expect.stringContaining(image)]);
    }
    await portolan.sql('update droplets set manifest_lost_at = null where id = $1', [dropletId]);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await get(app, null)).status).toBe(401);
  });
});

describe('403', () => {
  test('without the scope to read droplets', async () => {
    expect((await get(app, callers.imageOnly)).body.errors[0].code).toBe(10003);
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing'])('for the app %s', async (guid) => {
    expect((await get(guid)).body.errors[0]).toMatchObject({ code: 10010, detail: 'App not found' });
  });

  test('for an app that cannot be seen', async () => {
    expect((await get(app, callers.outside)).body.errors[0].detail).toBe('App not found');
  });

  test('while no droplet is current', async () => {
    const bare = await appIn(portolan, space);
    await builtDroplet(portolan, bare);
    expect((await get(bare)).body).toEqual({
      errors: [{ code: 10010, title: 'CF-ResourceNotFound', detail: 'Droplet not found' }],
    });
  });
});
