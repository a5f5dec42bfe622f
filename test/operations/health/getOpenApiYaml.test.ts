import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('is the contract as it was written', async () => {
    const answer = await portolan.call('getOpenApiYaml');
    expect(answer.headers['content-type']).toMatch(/^application\/yaml/);
    expect(answer.text).toMatch(/^openapi: 3\.1\.0\ninfo:/);
  });
});

describe('304', () => {
  test('when nothing changed', async () => {
    const { headers } = await portolan.call('getOpenApiYaml');
    expect((await portolan.call('getOpenApiYaml', { headers: { 'if-none-match': String(headers.etag) } })).status).toBe(304);
  });
});
