import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('one word, without a credential', async () => {
    const answer = await portolan.call('getPlainHealth', { token: null });
    expect([answer.status, answer.text]).toEqual([200, 'ok']);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  test('answers without the database', async () => {
    const away = await startPortolan({}, { databaseUrl: 'postgres://nobody:none@127.0.0.1:9/none' });
    try {
      expect((await away.call('getPlainHealth', { token: null })).status).toBe(200);
    } finally {
      await away.close();
    }
  });
});
