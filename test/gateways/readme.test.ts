import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment } from '../support/fixtures';
import { describeWith } from '../support/gateways/programs';
import { type Portolan, startPortolan } from '../support/portolan';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const section = readme.split(/^### /m).find((part) => part.startsWith('Behind an API gateway')) ?? '';
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? '';

describeWith('nginx', 'putting nginx in front', () => {
  let portolan: Portolan;
  const folder = mkdtempSync(join(tmpdir(), 'portolan-gateway-'));
  beforeAll(async () => {
    portolan = await startPortolan();
  });
  afterAll(async () => {
    await portolan.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('prints what stands in the README', async () => {
    const id = await environment(portolan, 'prod');
    chmodSync(folder, 0o755);
    const port = await new Promise<number>((done) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address() as { port: number };
        server.close(() => done(address.port));
      });
    });
    const commands = block('sh').replaceAll('/tmp/portolan-gateway', folder).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`);
    const script = [
      'set -euo pipefail',
      `PORTOLAN=${portolan.url}`,
      `TOKEN=${portolan.adminToken}`,
      readme.match(/^field\(\).*$/m)?.[0],
      `ENVIRONMENT=${id}`,
      commands,
      'wait',
    ].join('\n');
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: root, timeout: 60_000 });
    expect(stdout).toBe(block('text'));
  }, 90_000);
});
