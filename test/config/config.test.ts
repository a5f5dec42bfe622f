import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError, readConfig } from '../../src/config/config';
import { addFolderKey, folderKeys, parseMasterKeys, removeFolderKey } from '../../src/config/keys';

const key = Buffer.alloc(32, 3).toString('base64');
function problem(variables: Record<string, string>): string {
  try {
    readConfig(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was wrong');
}

describe('without any variable', () => {
  test('everything has a useful value', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      metricsHost: '127.0.0.1',
      metricsPort: 9464,
      metricsPortGiven: false,
      databaseUrl: null,
      dataDir: resolve('.portolan'),
      masterKeys: null,
      adminEmail: 'admin@portolan.local',
      adminPassword: null,
      loginTtlSeconds: 86_400,
      cfTokenTtlSeconds: 600,
      corsOrigin: undefined,
      trustedProxies: [],
      rateLimits: { perPrincipal: 1200, perAddress: 120, loginsPerAddress: 10, loginsPerAccount: 10 },
      maxConnections: 10_000,
      publicUrl: null,
      organizationName: 'portolan',
      cfApiVersion: '3.211.0',
      compatibility: null,
      allowUnknownRepositories: true,
      keepStagedDroplets: 42,
      logLevel: 'info',
    });
  });

  test('an empty one is as good as none, and foreign ones are left alone', () => {
    expect(
      readConfig({ PORT: '', DATABASE_URL: '', PORTOLAN_MASTER_KEYS: '', ADMIN_PASSWORD: '', PATH: '/bin', portolan_x: '1' }),
    ).toEqual(readConfig({}));
  });
});

describe('values', () => {
  test.each([
    ['LOGIN_TTL', '3600', 'loginTtlSeconds', 3600],
    ['LOGIN_TTL', '90s', 'loginTtlSeconds', 90],
    ['LOGIN_TTL', '30m', 'loginTtlSeconds', 1800],
    ['LOGIN_TTL', '2h', 'loginTtlSeconds', 7200],
    ['LOGIN_TTL', '7d', 'loginTtlSeconds', 604_800],
    ['CF_TOKEN_TTL', '20m', 'cfTokenTtlSeconds', 1200],
    ['PORTOLAN_COMPAT', 'bridgeport', 'compatibility', 'bridgeport'],
    ['ALLOW_UNKNOWN_REPOSITORIES', 'false', 'allowUnknownRepositories', false],
    ['KEEP_STAGED_DROPLETS', '1', 'keepStagedDroplets', 1],
    ['KEEP_STAGED_DROPLETS', '1000', 'keepStagedDroplets', 1000],
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['METRICS_PORT', 'off', 'metricsPort', null],
    ['METRICS_PORT', '0', 'metricsPort', 0],
    ['CORS_ORIGIN', 'https://a.example, https://b.example,', 'corsOrigin', ['https://a.example', 'https://b.example']],
    ['CORS_ORIGIN', ',', 'corsOrigin', undefined],
    ['TRUSTED_PROXIES', '10.0.0.0/8,::1', 'trustedProxies', ['10.0.0.0/8', '::1']],
    ['TRUSTED_PROXIES', '0.0.0.0/0,2001:db8::/128', 'trustedProxies', ['0.0.0.0/0', '2001:db8::/128']],
    ['PORTOLAN_ORG_NAME', 'Äcme & Sons', 'organizationName', 'Äcme & Sons'],
    ['CF_API_VERSION', '3.99.0', 'cfApiVersion', '3.99.0'],
    ['PUBLIC_URL', 'https://portolan.example/base/', 'publicUrl', 'https://portolan.example/base'],
    ['DATABASE_URL', 'postgresql://u:p@h/d', 'databaseUrl', 'postgresql://u:p@h/d'],
    ['DATABASE_URL', 'postgres://u:p@h:5433/d?sslmode=require', 'databaseUrl', 'postgres://u:p@h:5433/d?sslmode=require'],
    ['MASTER_KEY', key, 'masterKeys', `k1:${key}`],
    ['ADMIN_EMAIL', 'root@localhost', 'adminEmail', 'root@localhost'],
    ['ADMIN_PASSWORD', 'x'.repeat(128), 'adminPassword', 'x'.repeat(128)],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ])('%s=%s', (name, text, member, value) => expect(readConfig({ [name]: text })[member as 'port']).toEqual(value));

  test('PORTOLAN_MASTER_KEYS goes before MASTER_KEY', () => {
    expect(readConfig({ PORTOLAN_MASTER_KEYS: `a:${key}`, MASTER_KEY: key }).masterKeys).toBe(`a:${key}`);
  });
});

describe('what is refused, by name', () => {
  test.each([
    ['PORT', ['-1', '65536', '3000.0', '3e3', '0x10', ' 80 x', 'abc']],
    ['METRICS_PORT', ['on', '-1', '70000', '1.5']],
    ['LOGIN_TTL', ['0', '0h', '-1h', '1w', 'h', '1.5h', '1 h']],
    ['DATABASE_POOL_SIZE', ['1', '201', 'x']],
    ['RATE_LIMIT_PRINCIPAL', ['0', '-5', 'many']],
    ['MAX_CONNECTIONS', ['0', 'x']],
    ['SHUTDOWN_GRACE_MS', ['-1', '10001']],
    ['PORTOLAN_COMPAT', ['Bridgeport', 'true', 'off']],
    ['PORTOLAN_ORG_NAME', [' acme', 'acme ', 'a\tb', 'x'.repeat(256)]],
    ['CF_API_VERSION', ['3', '3.211', 'v3.211.0', '3.211.0-rc', '3.211.x']],
    ['PUBLIC_URL', ['portolan.example', 'ftp://x', 'javascript:alert(1)', '//x']],
    ['DATABASE_URL', ['mysql://u@h/d', 'localhost:5432', 'postgres']],
    [
      'TRUSTED_PROXIES',
      ['10.0.0.0/', '10.0.0.0/33', '::1/129', '10.0.0/8', 'proxy.example', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0/1e1'],
    ],
    ['ADMIN_EMAIL', ['root', '@x', 'a b@c', `${'x'.repeat(320)}@example.com`]],
    ['ADMIN_PASSWORD', ['1234567', 'x'.repeat(129)]],
    ['LOG_LEVEL', ['loud', 'INFO']],
  ])('%s', (name, texts) => {
    for (const text of texts) expect([text, problem({ [name]: text })]).toEqual([text, expect.stringContaining(name)]);
  });

  test('PORTOLAN_URL and PORTOLAN_TOKEN of the command line are left alone', () => {
    expect(readConfig({ PORTOLAN_URL: 'http://127.0.0.1:3000', PORTOLAN_TOKEN: 'ptl_pat_x' })).toEqual(readConfig({}));
  });

  test('a PORTOLAN_ name that does not exist stops the start, with those that do', () => {
    expect(problem({ PORTOLAN_MASTERKEYS: key })).toBe(
      'PORTOLAN_MASTERKEYS is no setting of Portolan; those with this prefix are PORTOLAN_COMPAT, PORTOLAN_DATA, PORTOLAN_MASTER_KEYS, PORTOLAN_ORG_NAME.',
    );
  });

  test('all that is wrong is told at once, without values that may be secret', () => {
    const text = problem({
      PORT: 'x',
      LOGIN_TTL: 'y',
      ADMIN_PASSWORD: 'geheim',
      PORTOLAN_Z: '1',
      DATABASE_URL: 'mysql://u:geheim@h/d',
    });
    for (const name of ['PORT', 'LOGIN_TTL', 'ADMIN_PASSWORD', 'PORTOLAN_Z', 'DATABASE_URL']) expect(text).toContain(name);
    expect(text).not.toContain('geheim');
  });
});

describe('master keys', () => {
  test('the first seals, all open', () => {
    const ring = parseMasterKeys(`new:${key}, old:${Buffer.alloc(32, 4).toString('base64')}`);
    expect([ring.currentId, [...ring.keys.keys()], ring.keys.get('old')?.[0]]).toEqual(['new', ['new', 'old'], 4]);
  });

  test.each([
    ['', 'id:base64'],
    [key, 'id:base64'],
    [`:${key}`, 'id:base64'],
    [`a b:${key}`, 'id:base64'],
    [`a.b:${key}`, 'id:base64'],
    [`${'x'.repeat(33)}:${key}`, 'id:base64'],
    [`k1:${Buffer.alloc(31).toString('base64')}`, '31 bytes, not 32'],
    [`k1:${Buffer.alloc(33).toString('base64')}`, '33 bytes, not 32'],
    ['k1:', '0 bytes, not 32'],
    [`k1:${key},k1:${key}`, 'stands twice'],
    [`k1:${key},`, 'id:base64'],
  ])('%j is refused', (text, words) => {
    expect(() => parseMasterKeys(text)).toThrow(ConfigError);
    expect(() => parseMasterKeys(text)).toThrow(words);
  });
});

describe('keys of a data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'portolan-keys-')), 'data');
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  test('are made once, random, and only for their owner', () => {
    const keys = folderKeys(folder);
    expect(folderKeys(folder)).toEqual(keys);
    expect(parseMasterKeys(keys.masterKeys).currentId).toBe('k1');
    expect(keys.databasePassword.length).toBeGreaterThanOrEqual(32);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(folderKeys(join(folder, 'other')).masterKeys).not.toBe(keys.masterKeys);
  });

  test('are closed to others again when somebody opened them', () => {
    folderKeys(folder);
    writeFileSync(join(folder, 'keys.json'), readFileSync(join(folder, 'keys.json')), { mode: 0o644 });
    folderKeys(folder);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  test.each(['', '{', 'null', '[]', '"x"', '{"masterKeys":1,"databasePassword":"x"}', '{"masterKeys":"x"}'])(
    '%j in their place is told as damaged',
    (text) => {
      folderKeys(folder);
      writeFileSync(join(folder, 'keys.json'), text);
      expect(() => folderKeys(folder)).toThrow(/keys\.json is damaged/);
      expect(readFileSync(join(folder, 'keys.json'), 'utf8')).toBe(text);
    },
  );

  test('a new one comes first, under the next number or the name that is wished', () => {
    const before = folderKeys(folder);
    expect(addFolderKey(folder)).toBe('k2');
    expect(addFolderKey(folder, 'spring')).toBe('spring');
    expect(addFolderKey(folder)).toBe('k3');
    const after = folderKeys(folder);
    const keyring = parseMasterKeys(after.masterKeys);
    expect([keyring.currentId, [...keyring.keys.keys()]]).toEqual(['k3', ['k3', 'spring', 'k2', 'k1']]);
    expect(after.masterKeys.endsWith(`,${before.masterKeys}`)).toBe(true);
    expect(after.databasePassword).toBe(before.databasePassword);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['k1', /There is a key k1 already/],
    ['a b', /letters, digits, _ and -/],
  ])('a new one cannot be called %j', (id, message) => {
    const before = folderKeys(folder);
    expect(() => addFolderKey(folder, id)).toThrow(message);
    expect(folderKeys(folder)).toEqual(before);
  });

  test('one that is no longer needed is taken out, but never the first', () => {
    const before = folderKeys(folder);
    addFolderKey(folder);
    expect(() => removeFolderKey(folder, 'k2')).toThrow(/k2 is the key that seals/);
    expect(() => removeFolderKey(folder, 'k7')).toThrow('There is no key k7; those are k2, k1.');
    removeFolderKey(folder, 'k1');
    expect([...parseMasterKeys(folderKeys(folder).masterKeys).keys.keys()]).toEqual(['k2']);
    expect(folderKeys(folder).databasePassword).toBe(before.databasePassword);
  });

  test('are left alone while another command changes them', () => {
    const before = folderKeys(folder);
    writeFileSync(join(folder, 'keys.json.new'), '');
    expect(() => addFolderKey(folder)).toThrow(/Another command changes the keys now/);
    expect(folderKeys(folder)).toEqual(before);
  });
});
