import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('names what is served, without a credential', async () => {
    const { status, body } = await portolan.call('getV3Root', { token: null });
    expect(status).toBe(200);
    const names = ['apps', 'builds', 'deployments', 'droplets', 'info', 'jobs', 'organizations', 'packages', 'processes'];
    expect(Object.keys(body.links)).toEqual(['self', ...names, 'routes', 'spaces']);
    expect(body.links.self).toEqual({ href: `${portolan.url}/v3` });
    expect(body.links.droplets).toEqual({ href: `${portolan.url}/v3/droplets` });
  });

  test('a slash at the end, a query and a foreign credential change nothing', async () => {
    const { body } = await portolan.call('getV3Root', { token: null });
    for (const path of ['/v3/', '/v3?x=1', '/v3']) {
      const answer = await portolan.send('GET', path, { token: 'bad' });
      portolan.check('getV3Root', answer);
      expect(answer.body).toEqual(body);
    }
  });

  test('the id of the request is answered', async () => {
    const { headers } = await portolan.call('getV3Root', { headers: { 'x-vcap-request-id': 'mine' } });
    expect(headers['x-vcap-request-id']).toMatch(/^mine::[0-9a-f-]{36}$/);
  });
});
