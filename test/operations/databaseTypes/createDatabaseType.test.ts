import { unique } from '../../support/fixtures';
import { describeCreateType } from '../types/createType';
import { databaseKind, problemsOf, titled } from '../types/kinds';

const scene = describeCreateType(databaseKind);
const create = (members: object) =>
  scene.call('create', '', { body: { name: unique('type'), displayName: 'A type', connectionFields: [], ...members } });
const field = (name: string, type = 'text', members: object = {}) => ({ name, label: name, type, ...members });
const query = (members: object = {}) => ({ name: 'q', displayName: 'Q', query: 'select 1', resultType: 'scalar', ...members });

describe('the seed page', () => {
  test('its body gives 201', async () => {
    const answer = await scene.portolan.send('POST', '/api/settings/database-types', {
      body: '{ "name": "example", "displayName": "example", "connectionFields": [ { "name": "example", "label": "example", "type": "text", "required": true, "default": "example" } ], "backupCommand": "example", "restoreCommand": "example", "defaultPort": 1 }',
    });
    expect(answer.status).toBe(201);
    expect(answer.body.databaseType).toMatchObject({
      name: 'example',
      displayName: 'example',
      connectionFields: [{ name: 'example', label: 'example', type: 'text', required: true, default: 'example' }],
      backupCommand: 'example',
      restoreCommand: 'example',
      hasBackupCommand: true,
      hasRestoreCommand: true,
      defaultPort: 1,
      monitoring: null,
      source: 'user',
      isCustomized: false,
      commands: [],
      _count: { databases: 0 },
    });
  });

  test('its error names each problem with its way out', async () => {
    const body = { name: 'My DB', displayName: 'x', connectionFields: [{ name: 'host', label: 'Host', type: 'txt' }] };
    const answer = await scene.call('create', '', { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      code: 'VALIDATION_ERROR',
      message: '2 problems in the request body. name: Must match ^[a-z0-9-]+$.',
      field: 'name',
      hint: 'Use a-z, 0-9 and -.',
      requestId: answer.headers['x-request-id'],
      details: [
        { in: 'body', field: 'name', code: 'pattern', message: 'Must match ^[a-z0-9-]+$.', hint: 'Use a-z, 0-9 and -.' },
        {
          in: 'body',
          field: 'connectionFields[0].type',
          code: 'enum',
          message: 'Must be text, number or password.',
          hint: 'Did you mean text?',
        },
      ],
    });
  });

  test.each([
    [{ name: undefined }, 'name', 'required'],
    [{ name: 'x'.repeat(51) }, 'name', 'maxLength'],
    [{ displayName: undefined }, 'displayName', 'required'],
    [{ connectionFields: undefined }, 'connectionFields', 'required'],
    [{ connectionFields: [{ label: 'x', type: 'text' }] }, 'connectionFields[0].name', 'required'],
    [{ connectionFields: [{ name: 'x', type: 'text' }] }, 'connectionFields[0].label', 'required'],
    [{ connectionFields: [{ name: 'x', label: 'x' }] }, 'connectionFields[0].type', 'required'],
    [{ connectionFields: [field('x', 'text', { required: 'yes' })] }, 'connectionFields[0].required', 'type'],
    [{ backupCommand: 7 }, 'backupCommand', 'type'],
    [{ defaultPort: 1.5 }, 'defaultPort', 'type'],
  ])('%j is refused', async (members, place, code) => {
    const answer = await create(members);
    expect(answer.status).toBe(400);
    expect(problemsOf(answer)).toEqual([[place, code]]);
  });
});

describe('201: what is left out', () => {
  test('is false for required, and null elsewhere', async () => {
    const { databaseType } = (
      await create({ connectionFields: [field('host')], monitoring: { connectionMode: 'sql', queries: [query()] } })
    ).body;
    expect(databaseType).toMatchObject({
      connectionFields: [{ name: 'host', label: 'host', type: 'text', required: false, default: null }],
      backupCommand: null,
      restoreCommand: null,
      hasBackupCommand: false,
      hasRestoreCommand: false,
      defaultPort: null,
      monitoring: { connectionMode: 'sql', driver: null, queries: [{ ...query(), unit: null, resultMapping: null }] },
    });
  });

  test('null and "" stand for nothing', async () => {
    const nothing = { backupCommand: '', restoreCommand: null, defaultPort: null, monitoring: null };
    const { databaseType } = (await create(nothing)).body;
    expect(databaseType).toMatchObject({ ...nothing, backupCommand: null });
  });

  test('defaults keep their type', async () => {
    const fields = [
      field('port', 'number', { default: 5432 }),
      field('host', 'text', { default: '5432' }),
      field('zero', 'number', { default: 0 }),
    ];
    const { id } = (await create({ connectionFields: fields })).body.databaseType;
    const type = await scene.get(id);
    expect(type.connectionFields.map((one: { default: unknown }) => one.default)).toEqual([5432, '5432', 0]);
  });

  test('monitoring comes back whole', async () => {
    const monitoring = {
      connectionMode: 'sql',
      driver: 'mysql2',
      queries: [query({ resultType: 'rows', unit: '%', resultMapping: { rows_read: 'Read', rows: 'Rows' } })],
    };
    const { id } = (await create({ monitoring })).body.databaseType;
    expect((await scene.get(id)).monitoring).toEqual(monitoring);
  });
});

describe('400: rules beyond the schema', () => {
  test.each(
    titled([
      [{ connectionFields: [field('host'), field('host')] }, 'connectionFields[1].name', 'unique'],
      [{ connectionFields: [field('outputFile')] }, 'connectionFields[0].name', 'pattern'],
      [{ connectionFields: [field('1st')] }, 'connectionFields[0].name', 'pattern'],
      [{ connectionFields: [field('host', 'text', { default: 1 })] }, 'connectionFields[0].default', 'type'],
      [{ connectionFields: [field('n', 'number', { default: '1' })] }, 'connectionFields[0].default', 'type'],
      [{ connectionFields: [field('n', 'number', { default: 1.5 })] }, 'connectionFields[0].default', 'type'],
      [{ connectionFields: [field('n', 'number', { default: true })] }, 'connectionFields[0].default', 'type'],
      [{ connectionFields: [field('p', 'password', { default: 'x' })] }, 'connectionFields[0].default', 'inconsistent'],
      [{ connectionFields: Array.from({ length: 51 }, (_, index) => field(`f${index}`)) }, 'connectionFields', 'maxItems'],
      [{ connectionFields: [field('host')], backupCommand: 'dump {{hots}}' }, 'backupCommand', 'unknown_reference'],
      [{ connectionFields: [field('host')], restoreCommand: 'load | {{host}}' }, 'restoreCommand', 'pattern'],
      [{ connectionFields: [field('p', 'password')], backupCommand: 'dump --password={{p}}' }, 'backupCommand', 'inconsistent'],
      [{ commands: [{ name: 'a', displayName: 'A', command: 'run {{host}}' }] }, 'commands[0].command', 'unknown_reference'],
      [{ defaultPort: 0 }, 'defaultPort', 'minimum'],
      [{ defaultPort: 65536 }, 'defaultPort', 'maximum'],
      [{ monitoring: {} }, 'monitoring.connectionMode', 'required'],
      [{ monitoring: [] }, 'monitoring', 'type'],
      [{ monitoring: { connectionMode: 'http', queries: [] } }, 'monitoring.connectionMode', 'enum'],
      [{ monitoring: { connectionMode: 'sql', driver: 'mysql', queries: [] } }, 'monitoring.driver', 'enum'],
      [
        { monitoring: { connectionMode: 'sql', queries: [query({ resultType: 'row_s' })] } },
        'monitoring.queries[0].resultType',
        'enum',
      ],
      [
        { monitoring: { connectionMode: 'sql', queries: [query({ resultMapping: { a: 1 } })] } },
        'monitoring.queries[0].resultMapping.a',
        'type',
      ],
      [
        { monitoring: { connectionMode: 'sql', queries: [query({ interval: 1 })] } },
        'monitoring.queries[0].interval',
        'unknown_member',
      ],
      [{ monitoring: { connectionMode: 'sql', querys: [], queries: [] } }, 'monitoring.querys', 'unknown_member'],
    ]),
  )('%s', async (_, members, place, code) => {
    const answer = await create(members);
    expect(answer.status).toBe(400);
    expect(problemsOf(answer)[0]).toEqual([place, code]);
  });

  test('all problems come at once, in the order of the body', async () => {
    const answer = await create({ backupCommand: '{{x}} {{y}}', connectionFields: [field('a'), field('a'), field('sslMode')] });
    expect(problemsOf(answer)).toEqual([
      ['connectionFields[1].name', 'unique'],
      ['connectionFields[2].name', 'pattern'],
      ['backupCommand', 'unknown_reference'],
      ['backupCommand', 'unknown_reference'],
    ]);
    expect(answer.body.message).toMatch(/^4 problems in the request body\. connectionFields\[1\]\.name: /);
  });

  test('a misspelt placeholder is answered with the nearest field', async () => {
    const answer = await create({ connectionFields: [field('host')], backupCommand: 'dump {{hots}}' });
    expect(answer.body.hint).toBe('Did you mean {{host}}?');
  });

  test('a misspelt driver is answered with the nearest one', async () => {
    const answer = await create({ monitoring: { connectionMode: 'sql', driver: 'mysql', queries: [] } });
    expect(answer.body).toMatchObject({
      message: 'monitoring.driver: Must be pg, mysql2 or null.',
      hint: 'Did you mean mysql2?',
    });
  });
});

test('422: hasBackupCommand points at what to send', async () => {
  const answer = await create({ hasBackupCommand: true });
  expect([answer.status, answer.body.hint]).toEqual([422, 'Send backupCommand instead.']);
});
