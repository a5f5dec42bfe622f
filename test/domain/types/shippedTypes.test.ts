import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommandTemplate, fillCommandTemplate, parseCommandTemplate } from '../../../src/domain/types/commandTemplate';
import { checkDatabaseType } from '../../../src/domain/types/databaseType';
import { checkCommandNames } from '../../../src/domain/types/serviceType';

const folder = join(__dirname, '../../../src/types');
const filesOf = (family: string) => readdirSync(join(folder, family)).sort();
const read = (family: string, file: string) => JSON.parse(readFileSync(join(folder, family, file), 'utf8'));

const databaseFiles = ['mongodb.json', 'mysql.json', 'postgres.json', 'redis.json', 'sqlite.json'];
const serviceFiles = [
  'caddy',
  'celery',
  'django',
  'fastapi',
  'flask',
  'generic',
  'keycloak',
  'nginx',
  'nodejs',
  'postgres',
  'redis',
].map((name) => `${name}.json`);

test('all types are shipped', () => {
  expect(filesOf('database')).toEqual(databaseFiles);
  expect(filesOf('service')).toEqual(serviceFiles);
});

describe.each(databaseFiles)('database type %s', (file) => {
  const type = read('database', file);

  test('is named as its file and passes the checks', () => {
    expect(`${type.name}.json`).toBe(file);
    expect(type.$schema).toBe('https://portolan.dev/schemas/database-type.json');
    expect(checkDatabaseType(type)).toEqual([]);
  });

  test('queries that run over SSH are commands too', () => {
    const queries: { query: string }[] = type.monitoring.connectionMode === 'ssh' ? type.monitoring.queries : [];
    expect(
      queries.flatMap(({ query }) => checkCommandTemplate(query, { fields: type.connectionFields, field: 'query' })),
    ).toEqual([]);
    expect(new Set(type.monitoring.queries.map(({ name }: { name: string }) => name)).size).toBe(type.monitoring.queries.length);
  });
});

test.each([
  ['postgres.json', 'host*="localhost" port*=5432 databaseName* username* password*'],
  ['mysql.json', 'host*="localhost" port*=3306 databaseName* username* password*'],
  ['mongodb.json', 'host*="localhost" port*=27017 databaseName* username password'],
  ['redis.json', 'host*="localhost" port*=6379 password'],
  ['sqlite.json', 'filePath*'],
])('the connection fields of %s', (file, expected) => {
  const fields: { name: string; type: string; required?: boolean; default?: unknown }[] = read('database', file).connectionFields;
  const listed = fields.map(
    (field) => `${field.name}${field.required ? '*' : ''}${'default' in field ? `=${JSON.stringify(field.default)}` : ''}`,
  );
  expect(listed.join(' ')).toBe(expected);
  for (const { name, type } of fields) expect(type).toBe(name === 'port' ? 'number' : name === 'password' ? 'password' : 'text');
});

describe.each(serviceFiles)('service type %s', (file) => {
  const type = read('service', file);

  test('has commands that need no shell, with names of their own', () => {
    expect(`${type.name}.json`).toBe(file);
    expect(type.$schema).toBe('https://portolan.dev/schemas/service-type.json');
    expect(checkCommandNames(type.commands)).toEqual([]);
    const commands: { name: string; displayName: string; command: string; sortOrder: number }[] = type.commands;
    expect(commands.flatMap(({ command }) => checkCommandTemplate(command, { fields: [], field: 'command' }))).toEqual([]);
    expect(commands.map(({ sortOrder }) => sortOrder)).toEqual(commands.map((_, index) => index));
    for (const { name } of commands) expect(name).toMatch(/^[a-z0-9-]+$/);
  });
});

describe('shipped commands with values', () => {
  const values = {
    host: 'db.internal',
    port: 27017,
    databaseName: 'shop',
    outputFile: '/run/out',
    inputFile: '/run/in',
    filePath: '/srv/shop.db',
    sslMode: 'require',
  };
  const fill = (file: string, command: 'backupCommand' | 'restoreCommand', more: Record<string, string> = {}) => {
    const parsed = parseCommandTemplate(read('database', file)[command]);
    const filled = 'value' in parsed ? fillCommandTemplate(parsed.value, { ...values, ...more }) : { problems: [parsed.fault] };
    if ('problems' in filled) throw new Error(filled.problems[0]?.message);
    return filled.value;
  };

  test('a MongoDB without sign-in', () => {
    expect(fill('mongodb.json', 'backupCommand')).toEqual({
      env: {},
      args: ['mongodump', '--host=db.internal', '--port=27017', '--db=shop', '--archive'],
      stdoutFile: '/run/out',
    });
  });

  test('a MongoDB with a password, which stays out of the arguments', () => {
    const filled = fill('mongodb.json', 'restoreCommand', {
      username: 'ada',
      password: 'geheim',
      'yamlFile:password': '/run/c.yaml',
    });
    expect(filled.args).toEqual(
      expect.arrayContaining(['--username', 'ada', '--config', '/run/c.yaml', '--nsTo=shop.$collection$']),
    );
    expect(JSON.stringify(filled)).not.toContain('geheim');
  });

  test('a PostgreSQL', () => {
    const filled = fill('postgres.json', 'restoreCommand', { username: 'ada', password: 'geheim' });
    expect(filled.env).toEqual({ PGPASSWORD: 'geheim', PGSSLMODE: 'require', PGDATABASE: 'shop' });
    expect(filled.args).toContain('--dbname=');
    expect(filled.stdinFile).toBe('/run/in');
  });

  test('an SQLite file', () => {
    expect(fill('sqlite.json', 'backupCommand').args).toEqual([
      'sqlite3',
      '-batch',
      '-readonly',
      '/srv/shop.db',
      ".backup '/run/out'",
    ]);
  });

  test('a Redis without password sets none', () => {
    expect(fill('redis.json', 'backupCommand')).toEqual({
      env: {},
      args: ['redis-cli', '-h', 'db.internal', '-p', '27017', '--rdb', '/run/out'],
    });
  });
});
