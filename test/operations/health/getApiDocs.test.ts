import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('a page that loads nothing from elsewhere', async () => {
    const answer = await portolan.call('getApiDocs');
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    const sources = [...answer.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string);
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources) {
      expect(source).toMatch(/^\/api\/docs\//);
      expect((await portolan.send('GET', source, { token: null })).status).toBe(200);
    }
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
  });
});
