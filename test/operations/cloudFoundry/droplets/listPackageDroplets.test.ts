import { uuidv7 } from 'uuidv7';
import { appIn, type Callers, callersOf, dropletRow, packageRow } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let packageId: string;
let callers: Callers;
let staged: string;
let failed: string;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const space = await environment(portolan);
  const app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  packageId = await packageRow(portolan, app);
  staged = await dropletRow(portolan, app, { package_id: packageId });
  failed = await dropletRow(portolan, app, { package_id: packageId, state: 'FAILED' });
  await dropletRow(portolan, app, { package_id: packageId, state: 'STAGING' });
  await dropletRow(portolan, app, { package_id: await packageRow(portolan, app) });
  await dropletRow(portolan, app);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> | string = {}, credential = callers.admin, guid = packageId) =>
  portolan.call('listPackageDroplets', { path: { guid }, query, token: credential });
const found = async (query: Record<string, string> = {}) =>
  (await list(query)).body.resources.map(({ guid }: { guid: string }) => guid);

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    const { body } = await list({}, callers[caller]);
    expect(body.pagination).toMatchObject({
      total_results: 2,
      first: { href: `https://portolan.example/v3/packages/${packageId}/droplets?page=1&per_page=50` },
    });
    expect(body.resources.map(({ guid }: { guid: string }) => guid)).toEqual([staged, failed]);
    expect(body.resources[0].links.package.href).toBe(`https://portolan.example/v3/packages/${packageId}`);
  });

  test('filters', async () => {
    expect(await found({ states: 'STAGED' })).toEqual([staged]);
    expect(await found({ guids: failed })).toEqual([failed]);
    expect(await found({ label_selector: 'tier' })).toEqual([]);
  });
});

describe('400', () => {
  test.each([
    ['current=true', "'current'"],
    ['app_guids=x', "'app_guids'"],
    ['label_selector=', 'label_selector'],
  ])('for %s, before a package that is missing', async (query, name) => {
    const { status, body } = await list(query, callers.admin, uuidv7());
    expect([status, body.errors[0].code]).toEqual([400, 10005]);
    expect(body.errors[0].detail).toContain(name);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await list({}, null)).status).toBe(401);
  });
});

describe('403', () => {
  test('without the scope to read droplets', async () => {
    expect((await list({}, callers.imageOnly)).body.errors[0].code).toBe(10003);
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing'])('for the package %s', async (guid) => {
    expect((await list({}, callers.admin, guid)).body.errors[0]).toMatchObject({ code: 10010, detail: 'Package not found' });
  });

  test('for a package that cannot be seen', async () => {
    expect((await list({}, callers.outside)).body.errors[0].detail).toBe('Package not found');
  });
});
