import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawOptions } from '../../scripts/gateway/options';
import { describeWith, programOf } from '../support/gateways/programs';
import { configuration } from '../support/gateways/running';
import { CertificateAuthority } from '../support/registry/certificates';

/** Each gateway reads what is written for it, with every option. */

const folder = mkdtempSync(join(tmpdir(), 'portolan-validity-'));
chmodSync(folder, 0o755);
const { certificate, key } = new CertificateAuthority().issue({ names: ['portolan.example.com'] });
const tls = { 'tls-certificate': join(folder, 'certificate.pem'), 'tls-key': join(folder, 'key.pem') };
writeFileSync(tls['tls-certificate'], certificate);
writeFileSync(tls['tls-key'], key);
afterAll(() => rmSync(folder, { recursive: true }));

const combinations: [name: string, options: RawOptions][] = [
  ['no option', {}],
  ['TLS', { ...tls, listen: '127.0.0.1:18443' }],
  ['replicas behind TLS', { upstream: ['https://localhost:8443', 'https://127.0.0.1:8444'] }],
  ['an address of version 6', { upstream: ['http://[::1]:3000'], listen: '[::1]:18080' }],
  ['a name and origins', { 'server-name': 'portolan.example.com', 'cors-origin': 'https://a.example.com,https://b.example.com' }],
  ['any origin', { 'cors-origin': '*' }],
  ['no limits, large uploads', { 'rate-limit-address': 'off', 'rate-limit-principal': 'off', 'max-upload-mb': '500' }],
];

describeWith('nginx', 'nginx takes', () => {
  const check = (file: string) =>
    execFileSync(programOf('nginx') as string, ['-t', '-q', '-p', folder, '-c', file], { stdio: 'pipe' });

  test.each([...combinations, ['proxies in front', { 'trusted-proxies': '10.0.0.0/8,::1' }] as const])('%s', (_name, options) => {
    writeFileSync(join(folder, 'nginx.conf'), configuration('nginx', { listen: '127.0.0.1:18080', ...options }));
    check('nginx.conf');
  });

  test('a site, among others', () => {
    const site = configuration('nginx', { site: true }).replace('/var/log/nginx/portolan.log', join(folder, 'site.log'));
    writeFileSync(join(folder, 'site.conf'), site);
    writeFileSync(
      join(folder, 'around.conf'),
      `pid around.pid;\nevents {}\nhttp { gzip on; include site.conf; server { listen 127.0.0.1:18081; } }\n`,
    );
    check('around.conf');
  });
});

describeWith('envoy', 'envoy takes', () => {
  test.each(combinations)('%s', (_name, options) => {
    writeFileSync(join(folder, 'envoy.yaml'), configuration('envoy', options));
    const printed = execFileSync(programOf('envoy') as string, ['--mode', 'validate', '-c', join(folder, 'envoy.yaml')], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(printed).toContain('OK');
  });
});
