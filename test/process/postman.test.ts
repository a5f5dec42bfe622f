import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { operations } from '../../generated/operations';
import { runCollection } from '../support/newman';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { contentsOf } from './contents';
import { build, endAll, newFolder, type Served, serve } from './program';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
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

const run = (variables: Record<string, string>) => {
  const metricsUrl = (/metrics +(http:\S+)\/metrics/.exec(served.output())?.[1] ?? '') as string;
  return runCollection({ baseUrl: served.url, email, password, variables: { metricsUrl, ...variables } });
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

describe('the command of the README', () => {
  test('runs, and leaves out what needs a registry, or a folder that was not run', async () => {
    const before = await contentsOf(folder);
    const section = readme.split('### With Postman')[1]?.split('###')[0] ?? '';
    const [, command = ''] = /```sh\n([\s\S]*?)\n```/.exec(section) ?? [];
    const commands = command.replace('http://127.0.0.1:3000', served.url).replace('the printed password', password);
    const folders = ['auth', 'environments', 'registries', 'container-images', 'cloud-foundry', 'clean up'];
    const more = `--color off ${folders.map((name) => `--folder '${name}'`).join(' ')} --env-var registryUrl=http://127.0.0.1:9`;
    const { stdout } = await promisify(execFile)('bash', ['-c', `${commands} ${more}`], { cwd: root, timeout: 280_000 });
    expect(stdout).toContain('No registry answers at http://127.0.0.1:9');
    const sent = stdout.split('\n↳ ').filter((part) => /\n {2}[A-Z]+ http/.test(part));
    const requests = sent.map((part) => part.split('\n')[0] as string);
    expect(requests).toEqual(expect.arrayContaining(['testRegistry', 'createPackage', 'deleteEnvironment', 'logout']));
    for (const left of ['listRegistryRepositories', 'getBuild', 'getDroplet', 'deleteUser']) expect(requests).not.toContain(left);
    expect(await contentsOf(folder)).toEqual(before);
  }, 300_000);
});
