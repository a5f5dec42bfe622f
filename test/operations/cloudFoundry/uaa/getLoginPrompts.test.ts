import { contractVersion } from '../../../../generated/operations';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example/' });
});
afterAll(() => portolan.close());

describe('200', () => {
  test('names the prompts of the command line and the address of the token service', async () => {
    const answer = await portolan.call('getLoginPrompts', { headers: { accept: 'application/json' } });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        app: { version: contractVersion },
        prompts: { username: ['text', 'Email'], password: ['password', 'Password'] },
        links: { login: 'https://portolan.example/uaa', uaa: 'https://portolan.example/uaa' },
      },
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('also with a query, a slash at the end, and as HEAD', async () => {
    expect((await portolan.call('getLoginPrompts', { query: { origin: 'uaa' } })).status).toBe(200);
    expect((await portolan.send('GET', '/uaa/login/', { token: null })).status).toBe(200);
    expect((await portolan.send('HEAD', '/uaa/login', { token: null })).status).toBe(200);
  });
});
