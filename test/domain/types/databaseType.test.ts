import { checkDatabaseType, type DatabaseTypeParts } from '../../../src/domain/types/databaseType';
import { checkCommandNames } from '../../../src/domain/types/serviceType';

const host = { name: 'host', label: 'Host', type: 'text', required: true, default: 'localhost' } as const;
const port = { name: 'port', label: 'Port', type: 'number', required: true, default: 5432 } as const;
const password = { name: 'password', label: 'Password', type: 'password' } as const;
const placesOf = (issues: { field: string; code: string }[]) => issues.map(({ field, code }) => `${field} ${code}`);

describe('a new database type', () => {
  test('with fields and commands that fit is fine', () => {
    expect(
      checkDatabaseType({
        connectionFields: [host, port, password],
        backupCommand: 'PGPASSWORD={{password}} pg_dump --host={{host}} > {{outputFile}}',
        restoreCommand: null,
        commands: [{ name: 'cli', command: 'psql {{host}}' }],
      }),
    ).toEqual([]);
  });

  test('may have no field and no command', () => {
    expect(checkDatabaseType({ connectionFields: [] })).toEqual([]);
  });

  test('tells all its problems, each at its place', () => {
    const issues = checkDatabaseType({
      connectionFields: [
        host,
        { ...host, default: 5 },
        { ...port, default: '5432' },
        { ...password, default: 'x' },
        { name: 'sslMode', label: 'x', type: 'text' },
      ],
      backupCommand: 'pg_dump | gzip',
      restoreCommand: 'pg_restore {{nope}}',
      commands: [
        { name: 'cli', command: 'psql {{host}}' },
        { name: 'dump', command: 'pg_dump {{password}}' },
        { name: 'cli', command: 'psql' },
      ],
    });
    expect(placesOf(issues)).toEqual([
      'connectionFields[1].name unique',
      'connectionFields[1].default type',
      'connectionFields[2].default type',
      'connectionFields[3].default inconsistent',
      'connectionFields[4].name pattern',
      'backupCommand pattern',
      'restoreCommand unknown_reference',
      'commands[1].command inconsistent',
      'commands[2].name unique',
    ]);
    for (const { hint } of issues) expect(hint).toMatch(/\S/);
  });

  test.each([
    ['text', 'x', 'localhost', []],
    ['text', 'x', '', []],
    ['text', 'x', 0, ['connectionFields[0].default type']],
    ['number', 'x', 0, []],
    ['number', 'x', -5, []],
    ['number', 'x', 1.5, ['connectionFields[0].default type']],
    ['number', 'x', '1', ['connectionFields[0].default type']],
    ['number', 'port', 0, ['connectionFields[0].default minimum']],
    ['number', 'port', 65535, []],
    ['number', 'port', 65536, ['connectionFields[0].default maximum']],
    ['password', 'x', '', ['connectionFields[0].default inconsistent']],
    ['password', 'x', undefined, []],
  ] as const)('a %s field named %s with the default %j', (type, name, value, places) => {
    expect(placesOf(checkDatabaseType({ connectionFields: [{ name, label: 'X', type, default: value }] }))).toEqual(places);
  });

  test.each(['outputFile', 'inputFile', 'sslMode'])('%s is reserved', (name) => {
    expect(placesOf(checkDatabaseType({ connectionFields: [{ name, label: 'X', type: 'text' }] }))).toEqual([
      'connectionFields[0].name pattern',
    ]);
  });
});

describe('a changed database type', () => {
  const stored: DatabaseTypeParts = {
    connectionFields: [host, port, password],
    backupCommand: 'PGPASSWORD={{password}} pg_dump --host={{host}}',
    restoreCommand: null,
    commands: [{ name: 'cli', command: 'psql {{host}} {{port}}' }],
  };

  test('a new command may use the fields it already has', () => {
    expect(checkDatabaseType({ restoreCommand: 'pg_restore {{host}}' }, stored)).toEqual([]);
    expect(placesOf(checkDatabaseType({ restoreCommand: 'pg_restore {{user}}' }, stored))).toEqual([
      'restoreCommand unknown_reference',
    ]);
  });

  test('nothing said, nothing to check', () => {
    expect(checkDatabaseType({}, { ...stored, backupCommand: 'a | b' })).toEqual([]);
  });

  test('a field that a kept command uses cannot go', () => {
    const issues = checkDatabaseType({ connectionFields: [host, password] }, stored);
    expect(placesOf(issues)).toEqual(['connectionFields inconsistent']);
    expect(issues[0]?.message).toContain('the command "cli". Position 15: {{port}} is no connection field.');
    expect(issues[0]?.hint).toBe('Change or delete that command first.');
  });

  test('a field that becomes a password cannot stay among arguments', () => {
    const issues = checkDatabaseType(
      { connectionFields: [{ name: 'host', label: 'Host', type: 'password' }, port, password] },
      stored,
    );
    expect(issues.map(({ message }) => /suit (.*?)\. Pos/.exec(message)?.[1])).toEqual(['backupCommand', 'the command "cli"']);
  });

  test('a field may go together with the commands that used it', () => {
    expect(checkDatabaseType({ connectionFields: [host, port], backupCommand: 'pg_dump {{host}}' }, stored)).toEqual([]);
    expect(checkDatabaseType({ connectionFields: [host, port], backupCommand: null }, stored)).toEqual([]);
    expect(checkDatabaseType({ connectionFields: [host, password], commands: [] }, stored)).toEqual([]);
  });
});

test('commands of a service type must not share a name', () => {
  const named = (...names: string[]) => names.map((name) => ({ name }));
  expect(checkCommandNames(named('migrate', 'shell'))).toEqual([]);
  expect(placesOf(checkCommandNames(named('a', 'b', 'a', 'A', 'a')))).toEqual([
    'commands[2].name unique',
    'commands[4].name unique',
  ]);
});
