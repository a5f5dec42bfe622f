import { uuidv7 } from 'uuidv7';
import { runQueued } from '../../../jobs/deletions/deleting';
import { appIn, auditOf, type Callers, callersOf, dropletRow, packageRow, suspend } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let app: string;
let callers: Callers;
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());
const remove = (guid: string, token: string | null = callers.developer) =>
  portolan.call('deletePackage', { path: { guid }, token });

describe('202', () => {
  test('names the job that deletes it; droplets that were built from it stay, without their link', async () => {
    const guid = await packageRow(portolan, app);
    const droplet = await dropletRow(portolan, app, { package_id: guid });
    const { status, headers, text } = await remove(guid);
    expect([status, text]).toEqual([202, '']);
    expect(headers.location).toMatch(/^https:\/\/portolan\.example\/v3\/jobs\/[0-9a-f-]{36}$/);
    expect((await portolan.call('getPackage', { path: { guid } })).status).toBe(200);
    expect(await runQueued(portolan)).toEqual(['deleted']);
    expect((await portolan.call('getPackage', { path: { guid } })).status).toBe(404);
    const { body } = await portolan.call('getDroplet', { path: { guid: droplet } });
    expect(body).toMatchObject({ state: 'STAGED' });
    expect(body.links.package).toBeUndefined();
    expect((await auditOf(portolan, guid)).at(-1)).toMatchObject({
      action: 'delete',
      operation_id: 'deletePackage',
      details: { cfType: 'audit.app.package.delete' },
    });
  });

  test('asked twice it is one job', async () => {
    const guid = await packageRow(portolan, app);
    const [first, second] = [await remove(guid), await remove(guid)];
    expect(second.headers.location).toBe(first.headers.location);
  });
});

test('401 without credential', async () => {
  expect((await remove(uuidv7(), null)).status).toBe(401);
});

describe('403', () => {
  test.each(['viewer', 'reader', 'supporter'] as const)('for the %s', async (caller) => {
    expect((await remove(await packageRow(portolan, app), callers[caller])).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended', async () => {
    const guid = await packageRow(portolan, app);
    await suspend(portolan, true);
    try {
      expect((await remove(guid)).body.errors[0].code).toBe(10017);
    } finally {
      await suspend(portolan, false);
    }
  });
});

test('404 for one that is missing or cannot be seen', async () => {
  const guid = await packageRow(portolan, app);
  for (const answer of [await remove(uuidv7()), await remove('x'), await remove(guid, callers.outside)]) {
    expect([answer.status, answer.body.errors[0].detail]).toEqual([404, 'Package not found']);
  }
});
