import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { secretRow, uniqueKey } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const minimal = (members: object = {}) => ({ key: uniqueKey(), value: 'canary-value', ...members });
const create = (body: unknown, more: object = {}) => portolan.call('createVar', { path: { envId }, body, ...more });

describe('201', () => {
  test('the required members alone; the others have their defaults', async () => {
    const body = minimal();
    const answer = await create(body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      var: {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        environmentId: envId,
        key: body.key,
        value: body.value,
        description: null,
        shadowedBySecret: false,
        valueUpdatedAt: answer.body.var.createdAt,
        usedByConfigFiles: [],
        usedByServices: [],
        usageCount: 0,
        createdAt: expect.any(String),
        updatedAt: answer.body.var.createdAt,
      },
    });
  });

  test('Location and ETag are those of the object', async () => {
    const answer = await create(minimal());
    const location = String(answer.headers.location);
    expect(location).toBe(`/api/vars/${answer.body.var.id}`);
    const read = await portolan.send('GET', location);
    expect([read.status, read.body, read.headers.etag]).toEqual([200, answer.body, answer.headers.etag]);
    expect(answer.headers.etag).toMatch(/^"1\./);
  });

  test.each([null, ''])('description %j is none', async (description) => {
    expect((await create(minimal({ description }))).body.var.description).toBeNull();
  });

  test.each([
    ['a key of one letter', { key: 'X' }],
    ['a key of 255 characters', { key: `A${'_9'.repeat(127)}` }],
    ['a description of 1000 characters', { description: 'd'.repeat(1000) }],
    ['blanks of a description', { description: '  two\nlines ' }],
  ])('%s comes back as given', async (_what, members) => {
    const answer = await create(minimal(members));
    expect(answer.status).toBe(201);
    expect(answer.body.var).toMatchObject(members);
  });

  const values = [
    '',
    ' ',
    ' blanks around ',
    'two\nlines\n',
    '${OTHER} $${KEY}',
    'e\u0301🚢',
    'x'.repeat(65_536),
    '🚢'.repeat(16_384),
  ];
  test.each(values)('the value %# comes back as it was sent', async (value) => {
    const { id } = (await create(minimal({ value }))).body.var;
    expect((await portolan.call('getVar', { path: { id } })).body.var.value).toBe(value);
  });

  test('under the key of a secret it is shadowed', async () => {
    const key = uniqueKey();
    await secretRow(portolan, envId, { key });
    const answer = await create(minimal({ key }));
    expect([answer.status, answer.body.var.shadowedBySecret]).toEqual([201, true]);
  });

  test('the same key in another environment', async () => {
    const body = minimal();
    expect((await create(body)).status).toBe(201);
    expect((await create(body, { path: { envId: await environment(portolan) } })).status).toBe(201);
  });

  test('the audit row holds who, what and where, and not the value', async () => {
    const { token: own, userId } = await token(portolan, { role: 'operator', environments: [envId] });
    const body = minimal({ description: 'why' });
    const answer = await create(body, { token: own });
    const [row, ...more] = await portolan.sql('select * from audit_logs where resource_id = $1', [answer.body.var.id]);
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      action: 'create',
      operation_id: 'createVar',
      resource_type: 'var',
      resource_name: body.key,
      environment_id: envId,
      user_id: userId,
      success: true,
      details: { changed: ['key', 'value', 'description'], after: { description: 'why' } },
    });
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('an Idempotency-Key is acted on once', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = minimal();
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([201, first.text, 'true']);
  });
});

describe('400', () => {
  test.each([
    [{ key: undefined }, 'key', 'required'],
    [{ key: 'lower' }, 'key', 'pattern'],
    [{ key: '9LIVES' }, 'key', 'pattern'],
    [{ key: '_LED' }, 'key', 'pattern'],
    [{ key: 'A-B' }, 'key', 'pattern'],
    [{ key: 'A\n' }, 'key', 'pattern'],
    [{ key: '' }, 'key', 'minLength'],
    [{ key: 'A'.repeat(256) }, 'key', 'maxLength'],
    [{ value: undefined }, 'value', 'required'],
    [{ value: null }, 'value', 'type'],
    [{ value: 1 }, 'value', 'type'],
    [{ value: 'x'.repeat(65_537) }, 'value', 'maxLength'],
    [{ value: '🚢'.repeat(16_385) }, 'value', 'maxLength'],
    [{ value: 'canary\u0000' }, 'value', 'format'],
    [{ description: 'd'.repeat(1001) }, 'description', 'maxLength'],
    [{ description: 1 }, 'description', 'type'],
    [{ nam: 'x' }, 'nam', 'unknown_member'],
  ])('%#: %s', async (members, field, code) => {
    const answer = await create(minimal(members));
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    expect(answer.text).not.toContain('canary');
    expect(answer.text).not.toContain('xxx');
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad body', async (unknown) => {
    const answer = await create({}, { path: { envId: unknown } });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('409', () => {
  test('when the key is taken', async () => {
    const taken = (await create(minimal())).body.var;
    const answer = await create(minimal({ key: taken.key }));
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'key']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'var', id: taken.id });
    expect(answer.text).not.toContain('canary');
  });

  test('whoever may not read only learns that it is taken', async () => {
    const taken = (await create(minimal())).body.var;
    const writer = await token(portolan, { role: 'operator', scopes: ['vars:write'] });
    const answer = await create(minimal({ key: taken.key }), { token: writer.token });
    expect([answer.status, answer.body.details]).toEqual([409, undefined]);
  });

  test('one of two at the same time', async () => {
    const body = minimal();
    const statuses = (await Promise.all([create(body), create(body)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });
});

describe('422', () => {
  test('a read-only member', async () => {
    const answer = await create(minimal({ usageCount: 1 }));
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', 'usageCount']);
  });
});
