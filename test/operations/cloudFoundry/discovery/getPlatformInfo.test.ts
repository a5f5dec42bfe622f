import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example', RATE_LIMIT_PRINCIPAL: '77' });
});
afterAll(() => portolan.close());

describe('200', () => {
  test('tells the platform and its limits, without a credential', async () => {
    const { status, body } = await portolan.call('getPlatformInfo', { token: null });
    expect(status).toBe(200);
    expect(body).toEqual({
      build: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      cli_version: { minimum: '', recommended: '' },
      custom: {},
      description: 'Portolan',
      name: 'portolan',
      version: Number(body.build.split('.')[0]),
      osbapi_version: '',
      rate_limits: { enabled: true, general_limit: 77, reset_interval_in_minutes: 1 },
      links: {
        self: { href: 'https://portolan.example/v3/info' },
        support: { href: 'https://portolan.example/api/docs' },
      },
    });
  });
});
