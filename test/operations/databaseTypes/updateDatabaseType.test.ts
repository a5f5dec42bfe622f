import { unique } from '../../support/fixtures';
import { databaseKind, problemsOf, TypeScene, unknownId } from '../types/kinds';

const scene = new TypeScene(databaseKind);
const update = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  scene.call('update', '', { path: { id }, body, headers });
const host = { name: 'host', label: 'Host', type: 'text', required: true, default: 'localhost' };
const port = { name: 'port', label: 'Port', type: 'number', required: false, default: 1234 };
const monitoring = {
  connectionMode: 'sql',
  driver: 'pg',
  queries: [
    { name: 'q', displayName: 'Q', query: 'select 1', resultType: 'scalar', unit: null, resultMapping: { zz: 'A', a: 'B' } },
  ],
};
const full = {
  connectionFields: [host, port],
  backupCommand: 'dump {{host}} > {{outputFile}}',
  restoreCommand: 'load {{port}} < {{inputFile}}',
  defaultPort: 1234,
  monitoring,
};

describe('200', () => {
  test.each([
    ['backupCommand', 'dump {{port}}'],
    ['restoreCommand', 'load {{host}}'],
    ['defaultPort', 65535],
    ['monitoring', { connectionMode: 'ssh', driver: null, queries: [] }],
  ])('%s: absent keeps, null clears, a value sets', async (member, value) => {
    const { id } = await scene.type(full);
    const patched = async (body: object) => (await update(id, body)).body.databaseType[member];
    expect(await patched({ displayName: 'Other' })).toEqual(full[member as keyof typeof full]);
    expect(await patched({ [member]: null })).toBeNull();
    expect(await patched({ [member]: value })).toEqual(value);
  });

  test.each(['backupCommand', 'restoreCommand'])('%s: "" clears', async (member) => {
    const { id } = await scene.type(full);
    const { databaseType } = (await update(id, { [member]: '' })).body;
    expect([databaseType[member], databaseType[member.replace(/^./, (letter) => `has${letter.toUpperCase()}`)]]).toEqual([
      null,
      false,
    ]);
  });

  test.each([
    ['displayName', 'Other'],
    ['connectionFields', [port, { ...host, required: false, default: null }]],
  ])('%s: absent keeps, null is refused, a value replaces the whole', async (member, value) => {
    const { id, [member]: present } = await scene.type(full);
    expect((await update(id, { defaultPort: 1 })).body.databaseType[member]).toEqual(present);
    const refused = await update(id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    expect((await update(id, { [member]: value })).body.databaseType[member]).toEqual(value);
  });

  test('number defaults come back as numbers', async () => {
    const { id } = await scene.type();
    await update(id, { connectionFields: [{ name: 'n', label: 'N', type: 'number', default: 7 }] });
    expect((await scene.get(id)).connectionFields[0].default).toBe(7);
  });

  test('a patch with the values that are there, in any order of members, changes nothing', async () => {
    const type = await scene.type(full);
    const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse());
    const [question] = monitoring.queries;
    const same = {
      queries: [{ ...reversed(question as object), resultMapping: { a: 'B', zz: 'A' } }],
      driver: 'pg',
      connectionMode: 'sql',
    };
    const answer = await update(type.id, { ...full, connectionFields: full.connectionFields.map(reversed), monitoring: same });
    expect([answer.status, answer.headers.etag?.slice(0, 3), answer.body.databaseType]).toEqual([200, '"1.', type]);
    expect(await scene.audit(type.id)).toHaveLength(1);
  });

  test('a shipped type counts as customised, a type of a user does not', async () => {
    const [shipped, own] = [await scene.shipped(), await scene.type()];
    expect((await update(shipped.id, { defaultPort: 1 })).body.databaseType.isCustomized).toBe(true);
    expect((await update(own.id, { defaultPort: 1 })).body.databaseType.isCustomized).toBe(false);
  });

  test('the audit row holds old and new values of what changed', async () => {
    const { id } = await scene.type(full);
    await update(id, { defaultPort: 1, backupCommand: null, displayName: 'A type' });
    expect((await scene.audit(id))[1]).toMatchObject({
      action: 'update',
      resource_type: 'database_type',
      details: {
        changed: ['backupCommand', 'defaultPort'],
        before: { backupCommand: full.backupCommand, defaultPort: 1234 },
        after: { backupCommand: null, defaultPort: 1 },
      },
    });
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await scene.type();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { defaultPort: 1 }, headers);
    await update(id, { defaultPort: 2 });
    expect((await update(id, { defaultPort: 1 }, headers)).text).toBe(first.text);
    expect((await scene.get(id)).defaultPort).toBe(2);
  });
});

describe('400: the resulting type is checked', () => {
  test('fields that a kept command needs', async () => {
    const { id } = await scene.type(full);
    const answer = await update(id, { connectionFields: [port] });
    expect([answer.status, problemsOf(answer)]).toEqual([400, [['connectionFields', 'inconsistent']]]);
    expect(answer.body.hint).toBe('Keep the field, or send a new backupCommand too.');
    expect((await update(id, { connectionFields: [port], backupCommand: 'dump {{port}}' })).status).toBe(200);
  });

  test('fields that a kept command of the list needs', async () => {
    const { id } = await scene.type({
      ...full,
      backupCommand: null,
      commands: [{ name: 'cli', displayName: 'CLI', command: 'cli {{host}}' }],
    });
    const answer = await update(id, { connectionFields: [port] });
    expect(problemsOf(answer)).toEqual([['connectionFields', 'inconsistent']]);
    expect(answer.body.message).toContain('the command "cli"');
  });

  test('a field that becomes a password while a command shows it', async () => {
    const { id } = await scene.type(full);
    const secret = { ...host, type: 'password', default: null };
    expect(problemsOf(await update(id, { connectionFields: [secret, port] }))).toEqual([['connectionFields', 'inconsistent']]);
  });

  test('a new command is held against the fields that are there', async () => {
    const { id } = await scene.type(full);
    expect(problemsOf(await update(id, { backupCommand: 'dump {{database}}' }))).toEqual([
      ['backupCommand', 'unknown_reference'],
    ]);
  });

  test.each([
    [{ defaultPort: 0 }, 'defaultPort', 'minimum'],
    [{ monitoring: { connectionMode: 'sql' } }, 'monitoring.queries', 'required'],
    [{ connectionFields: [host, host] }, 'connectionFields[1].name', 'unique'],
    [{ defaultport: 1 }, 'defaultport', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const { id } = await scene.type({ connectionFields: [host] });
    const answer = await update(id, body);
    expect(answer.status).toBe(400);
    expect(problemsOf(answer)).toEqual([[field, code]]);
  });
});

test('404: an unknown type, also with a bad body', async () => {
  for (const id of ['example', unknownId]) expect((await update(id, { displayName: '' })).status).toBe(404);
});

test('412: when If-Match names another version', async () => {
  const { id } = await scene.type();
  expect((await update(id, { defaultPort: 1 }, { 'if-match': '"1.0"' })).status).toBe(200);
  expect((await update(id, { defaultPort: 2 }, { 'if-match': '"1.0"' })).status).toBe(412);
});

describe('422', () => {
  test.each(['name', 'commands', 'source', 'isCustomized', 'hasBackupCommand', 'hasRestoreCommand', '_count'])(
    '%s',
    async (member) => {
      const { id } = await scene.type();
      const answer = await update(id, { [member]: null, defaultPort: 1 });
      expect([answer.status, answer.body.field]).toEqual([422, member]);
      expect((await scene.get(id)).defaultPort).toBeNull();
    },
  );
});
