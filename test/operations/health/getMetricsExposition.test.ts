import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('requests are counted by operation and status, on the listener of its own', async () => {
    await portolan.call('getHealth');
    const answer = await portolan.call('getMetricsExposition');
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(answer.text).toMatch(/portolan_request_duration_seconds_count\{operation="getHealth",status="200"\} \d+/);
    expect(answer.text).toContain('process_resident_memory_bytes');
  });
});

describe('404', () => {
  test('the public listener does not know it', async () => {
    expect((await portolan.send('GET', '/metrics', { token: null })).status).toBe(404);
  });
});
