import { uuidv7 } from 'uuidv7';
import { appIn, type Callers, callersOf, packageRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let guid: string;
let callers: Callers;
beforeAll(async () => {
  portolan = await startPortolan();
  const space = await environment(portolan);
  guid = await packageRow(portolan, await appIn(portolan, space), { username: 'robot', password_sealed: 'v1.sealed' });
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());
const get = (id: string, credential = callers.developer) =>
  portolan.call('getPackage', { path: { guid: id }, token: credential });

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)(
    'for the %s: the username, and never the password',
    async (caller) => {
      const { status, body, text } = await get(guid, callers[caller]);
      expect(status).toBe(200);
      expect(body).toMatchObject({ guid, data: { username: 'robot', password: '***' }, state: 'READY' });
      expect(text).not.toContain('sealed');
    },
  );

  test('with any query', async () => {
    expect((await portolan.call('getPackage', { path: { guid }, query: { include: 'app' } })).status).toBe(200);
  });
});

test('401 without credential', async () => {
  expect((await get(guid, null)).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
  expect((await get(guid, blind.token)).body.errors[0].code).toBe(10003);
});

test.each(['missing', 'no guid', 'invisible'])('404 for one that is %s', async (which) => {
  const { status, body } =
    which === 'invisible' ? await get(guid, callers.outside) : await get(which === 'missing' ? uuidv7() : 'nothing');
  expect([status, body.errors[0].detail]).toEqual([404, 'Package not found']);
});
