import { uuidv7 } from 'uuidv7';
import { appIn, builtDroplet, type Callers, callersOf, makeCurrent } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let app: string;
let dropletId: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  dropletId = (await builtDroplet(portolan, app)).id;
  await makeCurrent(portolan, dropletId);
});
afterAll(() => portolan.close());

const get = (guid = app, token = callers.developer) =>
  portolan.call('getCurrentDropletAssociationForApp', { path: { guid }, token });

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    const { status, body } = await get(app, callers[caller]);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { guid: dropletId },
      links: {
        self: { href: `https://portolan.example/v3/apps/${app}/relationships/current_droplet` },
        related: { href: `https://portolan.example/v3/apps/${app}/droplets/current` },
      },
    });
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
    expect((await get(await appIn(portolan, space))).body.errors[0]).toEqual({
      code: 10010,
      title: 'CF-ResourceNotFound',
      detail: 'Droplet not found',
    });
  });
});
