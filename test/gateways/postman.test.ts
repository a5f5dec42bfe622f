import { operations } from '../../generated/operations';
import { startProcessWorker } from '../../src/commands/worker';
import { adminEmail, adminPassword } from '../support/config';
import { describeWith } from '../support/gateways/programs';
import { type RunningGateway, startGateway } from '../support/gateways/running';
import { runCollection } from '../support/newman';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';

describeWith('nginx', 'the Postman collection through nginx', () => {
  describeWithRegistry('and with a registry', () => {
    let portolan: Portolan;
    let running: RunningGateway;
    let registry: TestRegistry;
    let worker: { stop(): Promise<void> };
    beforeAll(async () => {
      registry = await startRegistry({ auth: 'htpasswd' });
      await pushImage(registry, 'acme/shop', ['2.4.0']);
      portolan = await startPortolan({ TRUSTED_PROXIES: '127.0.0.1' });
      worker = await startProcessWorker(portolan.context);
      running = await startGateway('nginx', portolan.url);
    });
    afterAll(async () => {
      await running.close();
      await worker.stop();
      await portolan.close();
      await registry.close();
    });

    test('is green under the limits that nginx has by itself, and reaches every operation', async () => {
      const { requests, failures } = await runCollection({
        baseUrl: running.url,
        email: adminEmail,
        password: adminPassword,
        variables: {
          metricsUrl: portolan.metricsUrl,
          registryUrl: `http://${registry.host}`,
          registryHost: registry.host,
          registryUsername: registry.username as string,
          registryPassword: registry.password as string,
        },
      });
      expect(failures).toEqual([]);
      const reached = new Set(requests.map((request) => request.split(':')[0]));
      expect([...reached].sort()).toEqual(Object.keys(operations).sort());
    }, 300_000);
  });
});
