import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('names the entry points as absolute links, without a credential', async () => {
    const answer = await portolan.call('getRoot');
    expect(answer.body.links.documentation.href).toBe(`${portolan.url}/api/docs`);
    for (const { href } of Object.values<{ href: string }>(answer.body.links)) expect((await fetch(href)).status).toBe(200);
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
