import { uuidv7 } from 'uuidv7';
import { appIn, builtDroplet, type Callers, callersOf, dropletRow, packageRow, startData } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let app: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const get = (guid: string, token = callers.developer) => portolan.call('getDroplet', { path: { guid }, token });

describe('200', () => {
  test('shows every key in its order', async () => {
    const packageId = await packageRow(portolan, app);
    const image = 'ghcr.io/acme/shop@sha256:9f2c1d5b0e7a4c3f8b6d2e1a0c9f7b5d3e8a6c4b2d0f1e9a7c5b3d1f0e8a6c42';
    const id = await dropletRow(portolan, app, {
      image,
      package_id: packageId,
      created_at: '2026-03-01T08:00:00Z',
      updated_at: '2026-03-01T08:00:07Z',
    });
    await portolan.sql(
      `insert into labels values ('droplet', $1, '', 'release', 'stable'), ('droplet', $1, 'a.io', 'tier', '')`,
      [id],
    );
    const answer = await get(id);
    const appUrl = `https://portolan.example/v3/apps/${app}`;
    expect(answer.text).toBe(
      JSON.stringify({
        guid: id,
        created_at: '2026-03-01T08:00:00Z',
        updated_at: '2026-03-01T08:00:07Z',
        state: 'STAGED',
        error: null,
        lifecycle: { type: 'docker', data: {} },
        checksum: null,
        buildpacks: null,
        stack: null,
        image,
        ...startData,
        relationships: { app: { data: { guid: app } } },
        metadata: { labels: { release: 'stable', 'a.io/tier': '' }, annotations: {} },
        links: {
          self: { href: `https://portolan.example/v3/droplets/${id}` },
          app: { href: appUrl },
          assign_current_droplet: { href: `${appUrl}/relationships/current_droplet`, method: 'PATCH' },
          package: { href: `https://portolan.example/v3/packages/${packageId}` },
        },
      }),
    );
  });

  test('shows one that is still being staged, without start data', async () => {
    const id = await dropletRow(portolan, app, {
      state: 'STAGING',
      image: null,
      execution_metadata: null,
      process_types: null,
    });
    const { body } = await get(id);
    expect(body).toMatchObject({ state: 'STAGING', image: null, execution_metadata: null, process_types: null, error: null });
    expect(body.links.package).toBeUndefined();
  });

  test('shows why one failed', async () => {
    const error = 'StagingError - The registry refused the credentials.';
    const id = await dropletRow(portolan, app, { state: 'FAILED', error, image: null, process_types: null });
    expect((await get(id)).body).toMatchObject({ state: 'FAILED', error, process_types: null });
  });

  test('ignores the query', async () => {
    const { id } = await builtDroplet(portolan, app);
    expect((await portolan.call('getDroplet', { path: { guid: id }, query: 'page=0&foo=%00' })).status).toBe(200);
  });

  test.each(['admin', 'reader', 'developer'] as const)('shows start data to the %s', async (caller) => {
    const { id } = await builtDroplet(portolan, app);
    expect((await get(id, callers[caller])).body).toMatchObject(startData);
  });

  test.each(['supporter', 'viewer', 'viewerWithImage'] as const)(
    'hides start data, and not the image, from the %s',
    async (caller) => {
      const { id, image } = await builtDroplet(portolan, app);
      const { body } = await get(id, callers[caller]);
      expect(body).toMatchObject({ image, execution_metadata: '[PRIVATE DATA HIDDEN]' });
      expect(body.process_types).toEqual({ redacted_message: '[PRIVATE DATA HIDDEN]' });
    },
  );
});

describe('401', () => {
  test('without credential', async () => {
    expect((await get(uuidv7(), null)).body.errors[0]).toMatchObject({ code: 10002, detail: 'Authentication error' });
  });
});

describe('403', () => {
  test('without the scope to read droplets', async () => {
    expect((await get(uuidv7(), callers.imageOnly)).body.errors[0].code).toBe(10003);
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing', 'a b%', '0'.repeat(200)])('for %s', async (guid) => {
    expect((await get(guid)).body).toEqual({
      errors: [{ code: 10010, title: 'CF-ResourceNotFound', detail: 'Droplet not found' }],
    });
  });

  test('for one in a space that cannot be seen', async () => {
    const { id } = await builtDroplet(portolan, app);
    expect((await get(id, callers.outside)).body.errors[0]).toMatchObject({ code: 10010, detail: 'Droplet not found' });
  });
});
