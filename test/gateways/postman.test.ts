import { startProcessWorker } from '../../src/commands/worker';
import { adminEmail, adminPassword } from '../support/config';
import { describeWith, type StartedGateway } from '../support/gateways/programs';
import { type RunningGateway, startGateway } from '../support/gateways/running';
import { runCollection } from '../support/newman';
import { type Portolan, startPortolan } from '../support/portolan';

for (const gateway of ['nginx', 'envoy'] as const satisfies readonly StartedGateway[]) {
  describeWith(gateway, `the Postman collection through ${gateway}`, () => {
    let portolan: Portolan;
    let running: RunningGateway;
    let worker: { stop(): Promise<void> };
    beforeAll(async () => {
      portolan = await startPortolan({ TRUSTED_PROXIES: '127.0.0.1' });
      worker = await startProcessWorker(portolan.context);
      running = await startGateway(gateway, portolan.url);
    });
    afterAll(async () => {
      await running.close();
      await worker.stop();
      await portolan.close();
    });

    test('is green, under the limits that the gateway has by itself', async () => {
      const run = { baseUrl: running.url, email: adminEmail, password: adminPassword };
      const { requests, failures } = await runCollection({ ...run, variables: { metricsUrl: portolan.metricsUrl } });
      expect(failures).toEqual([]);
      expect(requests.length).toBeGreaterThan(200);
    }, 300_000);
  });
}
