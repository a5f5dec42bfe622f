import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcessWorker } from '../../src/commands/worker';
import { adminPassword } from '../support/config';
import { environment, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { connectionTo, until } from '../support/registry/scene';
import { build } from './program';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');

/** The shell lines of a section, in order. */
function commandsOf(heading: string): string {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]).join('\n');
}

/** The JSON objects that calls printed one after the other. */
const jsonIn = (printed: string) =>
  printed
    .split('\n')
    .join('')
    .replace(/}{/g, '}\n{')
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the first five calls', () => {
  test('answer as they stand in the README', async () => {
    const commands = commandsOf('The first five calls')
      .replace('http://127.0.0.1:3000', portolan.url)
      .replace('the printed password', adminPassword);
    const script = `set -euo pipefail\n${commands}\necho\necho "ids $ENVIRONMENT $REGISTRY $IMAGE $SERVICE"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script]);
    const lines = stdout.trim().split('\n');
    const service = JSON.parse(lines.find((line) => line.startsWith('{"service"')) as string).service;
    expect(service).toMatchObject({ name: 'shop', imageTag: '2.4.0', healthRetries: 5, baseEnv: { LOG_LEVEL: 'info' } });
    const [, environmentId, registryId, imageId, serviceId] = (lines[lines.length - 1] as string).split(' ');
    expect([service.environmentId, service.containerImageId, service.id]).toEqual([environmentId, imageId, serviceId]);
    const image = (await portolan.call('getContainerImage', { path: { id: imageId as string } })).body.image;
    expect([image.registryLink, image.registryConnection.id]).toEqual(['pattern', registryId]);
  });
});

describe('the command line', () => {
  test('prints what stands in the README', async () => {
    await build();
    const config = mkdtempSync(join(tmpdir(), 'portolan-readme-'));
    const script = `set -euo pipefail\nPORTOLAN=${portolan.url}\nPASSWORD='${adminPassword}'\n${commandsOf('From the command line')}`;
    const { PATH = '', HOME = '' } = process.env;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      env: { PATH, HOME, XDG_CONFIG_HOME: config },
      timeout: 80_000,
    });
    rmSync(config, { recursive: true });
    expect(stdout).toBe(/## From the command line[\s\S]*?```text\n([\s\S]*?)```/.exec(readme)?.[1]);
  }, 90_000);
});

describe('configuring what runs', () => {
  test('ends in a preview that hides the secret', async () => {
    const commands = [commandsOf('The first five calls'), commandsOf('Configure what runs')]
      .join('\necho\n')
      .replace('"name":"prod"', `"name":"${unique('prod')}"`)
      .replace('http://127.0.0.1:3000', portolan.url)
      .replace('the printed password', adminPassword);
    const { stdout } = await promisify(execFile)('bash', ['-c', `set -euo pipefail\n${commands}`]);
    expect(stdout).not.toContain('correct horse');
    const answers = jsonIn(stdout);
    expect(answers.map((answer) => Object.keys(answer)[0])).toEqual([
      'service',
      'var',
      'secret',
      'serviceFile',
      'content',
      'compose',
    ]);
    const [, , , attached, preview, placement] = answers;
    expect(attached.serviceFile).toMatchObject({ kind: 'base', targetPath: '/etc/shop/shop.env' });
    const shown = readme.split('## Configure what runs')[1]?.match(/```json\n([\s\S]*?)```/)?.[1] as string;
    expect(preview).toEqual(JSON.parse(shown));
    expect(placement.configFiles).toMatchObject([{ targetPath: '/etc/shop/shop.env', content: preview.content }]);
    expect(placement.env.keys).toContain('LOG_LEVEL');
  });
});

describeWithRegistry('watching a registry', () => {
  let registry: TestRegistry;
  let worker: { stop(): Promise<void> };
  const folder = mkdtempSync(join(tmpdir(), 'portolan-readme-'));
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    worker = await startProcessWorker(portolan.context);
  });
  afterAll(async () => {
    await worker.stop();
    await registry.close();
    rmSync(folder, { recursive: true });
  });

  test('answers as it stands in the README', async () => {
    const environmentId = await environment(portolan);
    await pushImage(registry, 'acme/shop', ['1.0.0']);
    const pushed = 'latestTag":"1.0.0';
    const commands = commandsOf('Watch a registry')
      .replace('127.0.0.1:5000', registry.host)
      .replace('the registry password', registry.password as string);
    const [before, behind] = commands.split('\nOPERATION=') as [string, string];
    const known = [
      `PORTOLAN=${portolan.url}`,
      `TOKEN=${portolan.adminToken}`,
      `ENVIRONMENT=${environmentId}`,
      commandsOf('The first five calls').match(/^field\(\).*$/m)?.[0],
    ].join('\n');
    // What a person sees before they push, and the push itself, which the README leaves to them.
    const waiting = `until curl -s $PORTOLAN/api/container-images/$FOLLOWED -H "Authorization: Bearer $TOKEN" | grep -q '${pushed}'; do sleep 0.1; done`;
    const push = 'touch ready; until [ -e pushed ]; do sleep 0.05; done';
    const end = 'until grep -q \'"latestTag":"1.1.0"\' events.txt; do sleep 0.1; done; kill %1';
    const script = ['set -euo pipefail', known, before, waiting, push, `OPERATION=${behind}`, end].join('\n');
    const running = promisify(execFile)('bash', ['-c', script], { cwd: folder, timeout: 25_000 });
    await Promise.race([until(() => existsSync(join(folder, 'ready')), Boolean), running]);
    const { digest } = await pushImage(registry, 'acme/shop', ['1.1.0'], { label: 'the new one' });
    writeFileSync(join(folder, 'pushed'), '');

    const { stdout } = await running;
    const answers = jsonIn(stdout);
    expect(answers[0]).toMatchObject({ success: true, checks: [{ ok: true }, { ok: true }, { ok: true }, { ok: true }] });
    expect(answers[1].image).toMatchObject({
      registryLink: 'host',
      latestTag: '1.1.0',
      latestDigest: { manifestDigest: digest, tags: ['1.1.0'] },
      updateAvailable: false,
      lastCheckError: null,
    });
    expect(readFileSync(join(folder, 'events.txt'), 'utf8')).toContain(`"latestTag":"1.1.0","latestDigest":"${digest}"`);
  });
});

describeWithRegistry('pinning what runs', () => {
  let registry: TestRegistry;
  let worker: { stop(): Promise<void> };
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    worker = await startProcessWorker(portolan.context);
  });
  afterAll(async () => {
    await worker.stop();
    await registry.close();
  });

  test('answers as it stands in the README', async () => {
    const environmentId = await environment(portolan);
    await connectionTo(portolan, environmentId, registry);
    const config = { ExposedPorts: { '8080/tcp': {} }, User: 'app', Entrypoint: ['/bin/shop'], Cmd: ['serve'] };
    const { digest } = await pushImage(registry, 'acme/shop', ['1.1.0'], { config });
    const script = [
      'set -euo pipefail',
      `PORTOLAN=${portolan.url}`,
      `TOKEN=${portolan.adminToken}`,
      `ENVIRONMENT=${environmentId}`,
      `HOST=${registry.host}`,
      `REGISTRY_PASSWORD='${registry.password}'`,
      commandsOf('The first five calls').match(/^field\(\).*$/m)?.[0],
      commandsOf('Pin what runs'),
    ].join('\n');
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { timeout: 25_000 });
    const [built, labelled, found, connected, current, shown] = jsonIn(stdout);
    const image = `${registry.host}/acme/shop@${digest}`;
    expect(built).toMatchObject({ state: 'STAGED', image, process_types: { web: '/bin/shop serve' } });
    expect(JSON.parse(built.execution_metadata)).toMatchObject({ ports: [{ Port: 8080, Protocol: 'tcp' }], user: 'app' });
    expect(labelled.metadata).toEqual({ labels: { release: 'stable', tier: 'web' }, annotations: { ticket: 'SHOP-42' } });
    expect(found).toMatchObject({ pagination: { total_results: 1 }, resources: [{ guid: built.guid }] });
    expect(connected.registry.name).toBe('local');
    expect(shown.service).toMatchObject({
      currentDropletId: current.data.guid,
      currentDroplet: { image, manifestDigest: digest },
    });
    expect(current.data.guid).not.toBe(built.guid);
  });
});

describe('the settings', () => {
  test('are all in the table, and no others', () => {
    const source = readFileSync(join(__dirname, '..', '..', 'src', 'config', 'config.ts'), 'utf8');
    const specs = source.slice(source.indexOf('const specs = {'), source.indexOf('\n};', source.indexOf('const specs = {')));
    const known = [...specs.matchAll(/^ {2}([A-Z_]+):/gm)].map((match) => match[1]).sort();
    const table = readme.split(/^## /m).find((part) => part.startsWith('Settings')) ?? '';
    const told = [...table.matchAll(/^\| (`[^|]+) \|/gm)]
      .flatMap((row) => [...(row[1] as string).matchAll(/`([A-Z_]+)`/g)].map((m) => m[1]))
      .sort();
    expect(told).toEqual(known);
  });
});
