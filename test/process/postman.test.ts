import { operations } from '../../generated/operations';
import { runCollection } from '../support/newman';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { contentsOf } from './contents';
import { build, endAll, newFolder, type Served, serve } from './program';

const email = 'admin@portolan.local';
const password = 'correct horse battery staple';
const folder = newFolder();
let served: Served;
beforeAll(async () => {
  await build();
  // The limits are the standard ones: they carry the whole run.
  served = await serve(folder, { ADMIN_PASSWORD: password, METRICS_PORT: '0', RATE_LIMIT_PRINCIPAL: '1200' });
}, 120_000);
afterAll(() => endAll(served ? [served] : [], [folder]), 60_000);

const run = (variables: Record<string, string>, folders: string[] = []) => {
  const metricsUrl = (/metrics +(http:\S+)\/metrics/.exec(served.output())?.[1] ?? '') as string;
  return runCollection({ baseUrl: served.url, email, password, folders, variables: { metricsUrl, ...variables } });
};
/** The operation of a request: behind a colon it says what a second one is for. */
const operationOf = (request: string) => request.split(':')[0] as string;

describeWithRegistry('the Postman collection', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    await pushImage(registry, 'acme/shop', ['2.4.0']);
  });
  afterAll(() => registry.close());

  test('runs through all operations without a failure, and leaves nothing behind', async () => {
    const before = await contentsOf(folder);
    const { requests, failures } = await run({
      registryUrl: `http://${registry.host}`,
      registryHost: registry.host,
      registryUsername: registry.username as string,
      registryPassword: registry.password as string,
    });
    expect(failures).toEqual([]);
    expect([...new Set(requests.map(operationOf))].sort()).toEqual(Object.keys(operations).sort());
    expect(await contentsOf(folder)).toEqual(before);
  }, 300_000);
});

describe('the Postman collection without a registry', () => {
  test('leaves out what needs one, and what needs a folder that was not run', async () => {
    const before = await contentsOf(folder);
    const folders = ['auth', 'environments', 'registries', 'container-images', 'cloud-foundry', 'clean up'];
    const { requests, failures } = await run({ registryUrl: 'http://127.0.0.1:9', registryHost: '127.0.0.1:9' }, folders);
    expect(failures).toEqual([]);
    const left = Object.keys(operations).filter((id) => !requests.map(operationOf).includes(id));
    expect(left).toEqual(expect.arrayContaining(['listRegistryRepositories', 'getBuild', 'getDroplet', 'deleteUser']));
    expect(requests).toEqual(expect.arrayContaining(['testRegistry', 'createPackage', 'deleteEnvironment', 'logout']));
    expect(await contentsOf(folder)).toEqual(before);
  }, 300_000);
});
