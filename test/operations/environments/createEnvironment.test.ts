import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const create = (body: unknown, more: object = {}) => portolan.call('createEnvironment', { body, ...more });

describe('201', () => {
  test('the name alone; Location and ETag are those of the object', async () => {
    const name = unique('env');
    const answer = await create({ name });
    expect(answer.status).toBe(201);
    expect(answer.body.environment).toMatchObject({ name, displayName: name, protected: false, sshConfigured: false });
    const read = await portolan.send('GET', String(answer.headers.location));
    expect([read.status, read.body, read.headers.etag]).toEqual([200, answer.body, answer.headers.etag]);
    expect(answer.headers.location).toBe(`/api/environments/${answer.body.environment.id}`);
  });

  test.each([
    ['x', null, 'x'],
    ['🚢'.repeat(50), 'x'.repeat(100), 'x'.repeat(100)],
    ['two words', ' padded ', ' padded '],
    ['a.b-c_d:e%f', undefined, 'a.b-c_d:e%f'],
  ])('%j with display name %j', async (name, displayName, shown) => {
    const { status, body } = await create({ name, displayName });
    expect([status, body.environment.name, body.environment.displayName]).toEqual([201, name, shown]);
  });

  test('registries can be created in it at once', async () => {
    const { body } = await create({ name: unique('env') });
    const registry = { name: 'ghcr', type: 'generic', registryUrl: 'ghcr.io' };
    const answer = await portolan.call('createRegistry', { path: { envId: body.environment.id }, body: registry });
    expect(answer.status).toBe(201);
  });

  test('the audit row belongs to the new environment', async () => {
    const name = unique('env');
    const { body } = await create({ name, displayName: 'Hafen' });
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [body.environment.id]);
    expect(rows).toMatchObject([
      {
        action: 'create',
        resource_type: 'environment',
        resource_name: name,
        environment_id: body.environment.id,
        environment_name: name,
        details: { changed: ['name', 'displayName'], before: {}, after: { name, displayName: 'Hafen' } },
      },
    ]);
  });

  test('an Idempotency-Key is acted on once', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = { name: unique('env') };
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([201, first.text, 'true']);
  });
});

describe('400', () => {
  test.each([
    [{}, 'name', 'required'],
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(51) }, 'name', 'maxLength'],
    [{ name: 'a/b' }, 'name', 'pattern'],
    [{ name: ' a' }, 'name', 'pattern'],
    [{ name: 'a ' }, 'name', 'pattern'],
    [{ name: ' ' }, 'name', 'pattern'],
    [{ name: 'a\u00a0' }, 'name', 'pattern'],
    [{ name: 'a\tb' }, 'name', 'pattern'],
    [{ name: null }, 'name', 'type'],
    [{ name: 'x', displayName: '' }, 'displayName', 'minLength'],
    [{ name: 'x', displayName: 'x'.repeat(101) }, 'displayName', 'maxLength'],
    [{ name: 'x', displayname: 'x' }, 'displayname', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const answer = await create(body);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('403', () => {
  test('for an operator, and for an administrator’s token that is limited to environments', async () => {
    const operator = await token(portolan, { role: 'operator' });
    const refused = await create({ name: unique('env') }, { token: operator.token });
    expect([refused.status, refused.body.details]).toEqual([403, { requiredRole: 'admin' }]);
    const limited = await token(portolan, { environments: [await environment(portolan)] });
    const answer = await create({ name: unique('env') }, { token: limited.token });
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_SCOPE']);
  });
});

describe('409', () => {
  test('when the name is taken; letter case makes another name', async () => {
    const name = unique('env');
    const { body } = await create({ name });
    const answer = await create({ name });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'environment', id: body.environment.id });
    expect((await create({ name: name.toUpperCase() })).status).toBe(201);
    expect((await create({ name: 'management' })).status).toBe(409);
  });

  test('for all but one of 50 at once', async () => {
    const name = unique('env');
    const answers = await Promise.all(Array.from({ length: 50 }, () => create({ name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(49).fill(409)]);
  });
});

describe('422', () => {
  test.each(['id', 'protected', 'sshConfigured', '_count', 'createdAt', 'updatedAt'])('%s is set by Portolan', async (member) => {
    const answer = await create({ name: unique('env'), [member]: true });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
  });
});
