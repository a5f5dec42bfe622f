import { uuidv7 } from 'uuidv7';
import { appIn, auditOf, builtDroplet, type Caller, type Callers, callersOf, suspend } from '../../../support/droplets';
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

const upload = (guid: string, caller: Caller = 'admin', body?: unknown, headers = {}) =>
  portolan.call('uploadDroplet', { path: { guid }, token: callers[caller], body, headers });

describe('401', () => {
  test('without credential, and with one that nobody gave out', async () => {
    expect((await upload(id, 'anonymous')).body.errors[0].code).toBe(10002);
    const answer = await portolan.call('uploadDroplet', { path: { guid: id }, token: 'ptl_pat_unknown' });
    expect(answer.body.errors[0].code).toBe(1000);
  });
});

describe('403', () => {
  test.each(['viewer', 'reader', 'supporter', 'viewerWithImage'] as const)('for the %s', async (caller) => {
    expect((await upload(id, caller)).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended', async () => {
    await suspend(portolan, true);
    try {
      expect((await upload(id, 'developer')).body.errors[0].code).toBe(10017);
      expect((await upload(id, 'admin')).status).toBe(422);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test('for one that is missing or cannot be seen', async () => {
    expect((await upload(uuidv7())).body.errors[0]).toMatchObject({ code: 10010, detail: 'Droplet not found' });
    expect((await upload(id, 'outside')).status).toBe(404);
  });
});

describe('422', () => {
  test.each(['admin', 'developer'] as const)('always, for the %s', async (caller) => {
    const { status, body } = await upload(id, caller);
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    expect(body.errors[0].detail).toContain('takes no upload');
  });

  test.each([
    ['{', 'application/json'],
    [Buffer.alloc(3_000_000), 'application/octet-stream'],
    ['--x\r\n', 'multipart/form-data; boundary=x'],
  ])('whatever is sent', async (body, type) => {
    expect((await upload(id, 'admin', body, { 'content-type': type })).status).toBe(422);
  });

  test('leaves no trace in the audit', async () => {
    await upload(id);
    expect(await auditOf(portolan, id)).toEqual([]);
  });
});
