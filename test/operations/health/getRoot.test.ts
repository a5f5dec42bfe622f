import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('names the entry points as absolute links, without a credential', async () => {
    const { links } = (await portolan.call('getRoot', { token: null })).body;
    expect(links.documentation.href).toBe(`${portolan.url}/api/docs`);
    for (const name of ['self', 'documentation', 'contract', 'health', 'cloud_controller_v3']) {
      expect((await fetch(links[name].href)).status).toBe(200);
    }
  });

  test('clients of Cloud Foundry find the version, the token service, and null for what is not served', async () => {
    const { links } = (await portolan.call('getRoot', { token: null })).body;
    expect(links).toMatchObject({
      self: { href: `${portolan.url}/` },
      cloud_controller_v3: { href: `${portolan.url}/v3`, meta: { version: '3.211.0' } },
      login: { href: `${portolan.url}/uaa` },
      uaa: { href: `${portolan.url}/uaa` },
    });
    const absent = ['cloud_controller_v2', 'network_policy_v0', 'network_policy_v1', 'routing', 'logging'];
    for (const name of [...absent, 'log_cache', 'log_stream', 'credhub', 'app_ssh']) expect(links[name]).toBeNull();
    expect(links).not.toHaveProperty('cf_on_k8s');
  });

  test('PUBLIC_URL and CF_API_VERSION are told', async () => {
    const other = await startPortolan({ PUBLIC_URL: 'https://portolan.example/base/', CF_API_VERSION: '3.99.0' });
    try {
      const { links } = (await other.call('getRoot')).body;
      expect(links.cloud_controller_v3).toEqual({ href: 'https://portolan.example/base/v3', meta: { version: '3.99.0' } });
      expect(links.uaa.href).toBe('https://portolan.example/base/uaa');
    } finally {
      await other.close();
    }
  });

  test.each(['*/*', 'application/json', 'application/json, text/html'])('JSON for Accept: %s', async (accept) => {
    expect((await portolan.call('getRoot', { headers: { accept } })).status).toBe(200);
  });
});

describe('303', () => {
  test('a browser is sent to the documentation', async () => {
    const answer = await portolan.call('getRoot', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect([answer.status, answer.headers.location]).toEqual([303, '/api/docs']);
  });
});
