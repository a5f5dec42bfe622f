import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test.each([
    ['swagger-ui.css', 'text/css; charset=utf-8'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['start.js', 'text/javascript; charset=utf-8'],
    ['favicon-32x32.png', 'image/png'],
  ])('%s', async (asset, type) => {
    const answer = await portolan.call('getApiDocsAsset', { path: { asset } });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    expect(answer.text.length).toBeGreaterThan(100);
  });
});

describe('304', () => {
  test('when the browser has it', async () => {
    const path = { asset: 'swagger-ui.css' };
    const { headers } = await portolan.call('getApiDocsAsset', { path });
    expect((await portolan.call('getApiDocsAsset', { path, headers: { 'if-none-match': String(headers.etag) } })).status).toBe(
      304,
    );
  });
});

describe('404', () => {
  test.each(['package.json', '../package.json', '..%2f..%2fpackage.json', 'constructor', 'swagger-ui.css.map'])(
    '%s',
    async (asset) => {
      expect((await portolan.call('getApiDocsAsset', { path: { asset } })).status).toBe(404);
    },
  );
});
