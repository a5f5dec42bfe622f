import { uuidv7 } from 'uuidv7';
import { appIn, auditOf, builtDroplet, type Caller, type Callers, callersOf } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let id: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  const space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
  id = (await builtDroplet(portolan, await appIn(portolan, space))).id;
});
afterAll(() => portolan.close());

const download = (guid: string, caller: Caller = 'admin') =>
  portolan.call('downloadDroplet', { path: { guid }, token: callers[caller] });

describe('401', () => {
  test('without credential', async () => {
    expect((await download(id, 'anonymous')).body.errors[0].code).toBe(10002);
  });
});

describe('403', () => {
  test.each(['supporter', 'supporterWithImage', 'imageOnly'] as const)('for the %s', async (caller) => {
    expect((await download(id, caller)).body.errors[0].code).toBe(10003);
  });
});

describe('404', () => {
  test('for one that is missing or cannot be seen', async () => {
    expect((await download(uuidv7())).body.errors[0]).toMatchObject({ code: 10010, detail: 'Droplet not found' });
    expect((await download('nothing', 'supporter')).status).toBe(404);
    expect((await download(id, 'outside')).status).toBe(404);
  });
});

describe('422', () => {
  test.each(['admin', 'reader', 'developer', 'viewer'] as const)('always, for the %s', async (caller) => {
    const { status, body } = await download(id, caller);
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    expect(body.errors[0].detail).toContain('docker');
  });

  test('leaves no trace in the audit', async () => {
    await download(id);
    expect(await auditOf(portolan, id)).toEqual([]);
  });
});
