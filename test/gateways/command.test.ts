import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Gateway, RawOptions } from '../../scripts/gateway/options';
import { readContract } from '../../scripts/generate/contract';
import { readConfig } from '../../src/config/config';
import { configuration } from '../support/gateways/running';

const root = resolve(__dirname, '..', '..');
const gateway = (...words: string[]) =>
  promisify(execFile)(process.execPath, [require.resolve('tsx/cli'), 'scripts/gateway.ts', ...words], { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

describe('npm run gateway', () => {
  test('writes to standard output what generated/ has, each time the same', async () => {
    const { code, stdout } = await gateway('nginx');
    expect([code, stdout]).toEqual([0, readFileSync(join(root, 'generated', 'gateways', 'nginx.conf'), 'utf8')]);
  }, 60_000);

  test('writes to a file, in a folder that it makes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-command-'));
    const out = join(folder, 'new', 'kong.yaml');
    const { code, stdout } = await gateway('kong', '--upstream', 'http://10.0.0.5:3000', '--out', out);
    expect([code, stdout]).toEqual([0, '']);
    expect(readFileSync(out, 'utf8')).toBe(configuration('kong', { upstream: ['http://10.0.0.5:3000'] }));
    rmSync(folder, { recursive: true });
  }, 60_000);

  test('explains itself, and what it cannot understand', async () => {
    expect(await gateway('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--rate-limit-principal N') });
    expect(await gateway('haproxy')).toMatchObject({ code: 2, stderr: expect.stringContaining('kong, envoy, nginx, aws') });
    expect(await gateway('nginx', '--colour')).toMatchObject({ code: 2, stderr: expect.stringContaining('--colour') });
  }, 60_000);
});

describe('options that are wrong are named', () => {
  test.each<[Gateway, RawOptions, RegExp]>([
    ['nginx', { upstream: ['10.0.0.5:3000'] }, /--upstream must be like .*"10\.0\.0\.5:3000"/],
    ['nginx', { upstream: ['http://a/path'] }, /without a path/],
    ['nginx', { upstream: ['http://a,https://b'] }, /all http, or all https/],
    ['nginx', { listen: 'here' }, /--listen must be an address and a port/],
    ['nginx', { listen: '127.0.0.1:70000' }, /--listen/],
    ['nginx', { 'server-name': 'a b;' }, /--server-name cannot be/],
    ['nginx', { 'tls-key': 'x' }, /belong together/],
    ['nginx', { 'tls-certificate': 'x;y', 'tls-key': 'z' }, /TLS file cannot be/],
    ['nginx', { 'cors-origin': 'app.example.com' }, /--cors-origin must list origins/],
    ['nginx', { 'cors-origin': '' }, /--cors-origin is empty/],
    ['nginx', { 'max-upload-mb': '501' }, /--max-upload-mb must be a whole number from 1 to 500/],
    ['nginx', { 'rate-limit-address': 'many' }, /--rate-limit-address/],
    ['nginx', { 'trusted-proxies': '10.0.0.0/99' }, /--trusted-proxies/],
    ['kong', { listen: '127.0.0.1:1' }, /--listen is not for kong; it is for envoy, nginx/],
    ['envoy', { site: true }, /--site is not for envoy/],
    ['aws', {}, /--upstream https/],
    ['aws', { upstream: ['https://a,https://b'] }, /one --upstream/],
    ['aws', { upstream: ['https://a'], 'cors-origin': '*' }, /--cors-origin is not for aws/],
  ])('%s %j', (name, options, message) => {
    expect(() => configuration(name, options)).toThrow(message);
  });
});

describe('x-rate-limits of the contract', () => {
  test('are the defaults of the service', () => {
    const { principal, address, loginAddress, loginAccount } = readContract(root)['x-rate-limits'];
    expect(readConfig({}).rateLimits).toEqual({
      perPrincipal: principal.requests,
      perAddress: address.requests,
      loginsPerAddress: loginAddress.requests,
      loginsPerAccount: loginAccount.requests,
    });
    expect([principal.seconds, address.seconds, loginAddress.seconds, loginAccount.seconds]).toEqual([60, 60, 60, 900]);
  });
});
