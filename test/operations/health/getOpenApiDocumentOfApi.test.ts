import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('is the contract, whole', async () => {
    const answer = await portolan.call('getOpenApiDocumentOfApi');
    expect(answer.body.info.title).toBe('Portolan');
    expect(answer.body.paths['/api/registries/{id}'].patch.operationId).toBe('updateRegistry');
  });
});

describe('304', () => {
  test('when nothing changed', async () => {
    const { headers } = await portolan.call('getOpenApiDocumentOfApi');
    const again = await portolan.call('getOpenApiDocumentOfApi', { headers: { 'if-none-match': String(headers.etag) } });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});
