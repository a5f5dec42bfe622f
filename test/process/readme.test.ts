import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { adminPassword } from '../support/config';
import { type Portolan, startPortolan } from '../support/portolan';

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

describe('the settings', () => {
  test('are all in the table, and no others', () => {
    const source = readFileSync(join(__dirname, '..', '..', 'src', 'config', 'config.ts'), 'utf8');
    const specs = source.slice(source.indexOf('const specs = {'), source.indexOf('\n};', source.indexOf('const specs = {')));
    const known = [...specs.matchAll(/^ {2}([A-Z_]+):/gm)].map((match) => match[1]).sort();
    const table = readme.split(/^## /m).find((part) => part.startsWith('Settings')) ?? '';
    const told = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((row) => [...(row[1] as string).matchAll(/`([A-Z_]+)`/g)].map((m) => m[1])).sort();
    expect(told).toEqual(known);
  });
});
