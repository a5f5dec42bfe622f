import { operations } from '../../generated/operations';
import { readCurlDocument, runCurlDocument } from '../support/curlDocument';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { contentsOf } from './contents';
import { build, endAll, newFolder, type Served, serve } from './program';

const document = readCurlDocument();

test('there is one command for each operation', () => {
  const names = document.commands.map(({ name }) => name);
  expect(names.filter((name) => !name.includes(':')).sort()).toEqual(Object.keys(operations).sort());
});

describeWithRegistry('docs/curl.md', () => {
  const password = 'correct horse battery staple';
  const folder = newFolder();
  let served: Served;
  let registry: TestRegistry;
  beforeAll(async () => {
    await build();
    served = await serve(folder, { ADMIN_PASSWORD: password, METRICS_PORT: '0', RATE_LIMIT_PRINCIPAL: '1200' });
    registry = await startRegistry({ auth: 'htpasswd' });
    await pushImage(registry, 'acme/shop', ['2.4.0']);
  }, 120_000);
  afterAll(async () => {
    await registry?.close();
    await endAll(served ? [served] : [], [folder]);
  }, 60_000);

  test('each command answers the status that it promises, and nothing is left behind', async () => {
    const before = await contentsOf(folder);
    const { statuses, output } = await runCurlDocument(document, {
      PORTOLAN: served.url,
      METRICS: /metrics +(http:\S+)\/metrics/.exec(served.output())?.[1] as string,
      PASSWORD: password,
      REGISTRY_URL: `http://${registry.host}`,
      REGISTRY_HOST: registry.host,
      REGISTRY_USERNAME: registry.username as string,
      REGISTRY_PASSWORD: registry.password as string,
    });
    const promised = document.commands.map(({ name, statuses: expected }) => ({ name, expected, status: statuses[name] }));
    const broken = promised.filter(({ expected, status }) => !expected.includes(status as number));
    expect(broken).toEqual([]);
    expect(output).not.toContain('command not found');
    expect(await contentsOf(folder)).toEqual(before);
  }, 300_000);
});
