import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('tells status, time and version', async () => {
    const { body } = await portolan.call('getHealth');
    expect(body).toMatchObject({ status: 'ok', bundledAgentVersion: 'unknown' });
    expect(Math.abs(Date.parse(body.timestamp) - Date.now())).toBeLessThan(60_000);
    expect(body.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('answers without the database', async () => {
    const away = await startPortolan({}, { databaseUrl: 'postgres://nobody:none@127.0.0.1:9/none' });
    try {
      expect((await away.call('getHealth')).status).toBe(200);
    } finally {
      await away.close();
    }
  });
});
