import { serviceAccount, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateServiceAccount', { path: { id }, body, ...more });
const read = async (id: string) => (await portolan.call('getServiceAccount', { path: { id } })).body.serviceAccount;

describe('200', () => {
  test('description: absent keeps, null and "" clear, a value sets', async () => {
    const { id } = await serviceAccount(portolan);
    const description = async (body: object) => (await update(id, body)).body.serviceAccount.description;
    expect(await description({ description: ' one ' })).toBe(' one ');
    expect(await description({ role: 'viewer' })).toBe(' one ');
    expect(await description({ description: null })).toBeNull();
    expect(await description({ description: 'two' })).toBe('two');
    expect(await description({ description: '' })).toBeNull();
  });

  test.each([
    ['role', 'admin'],
    ['role', 'viewer'],
    ['disabled', true],
  ])('%s: absent keeps, null is refused, %s is set', async (member, value) => {
    const { id } = await serviceAccount(portolan);
    const before = await read(id);
    expect((await update(id, { description: 'x' })).body.serviceAccount[member]).toBe(before[member]);
    const refused = await update(id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    const answer = await update(id, { [member]: value });
    expect(answer.body.serviceAccount[member]).toBe(value);
    expect(answer.headers.etag).toMatch(/^"3\./);
    expect(await read(id)).toEqual(answer.body.serviceAccount);
  });

  test('a weaker role and disabling act at once on all its tokens, and can be taken back', async () => {
    const { id } = await serviceAccount(portolan, { role: 'admin' });
    const bearers = [
      (await token(portolan, { ownerServiceAccountId: id, role: 'admin' })).token,
      (await token(portolan, { ownerServiceAccountId: id, role: 'operator' })).token,
    ];
    const roles = async () => {
      const answers = await Promise.all(bearers.map((bearer) => portolan.call('getCurrentPrincipal', { token: bearer })));
      return answers.map(({ status, body }) => (status === 200 ? body.role : status));
    };
    expect(await roles()).toEqual(['admin', 'operator']);
    await update(id, { role: 'viewer' });
    expect(await roles()).toEqual(['viewer', 'viewer']);
    expect((await portolan.call('listServiceAccounts', { token: bearers[0] as string })).status).toBe(403);
    await update(id, { disabled: true });
    expect(await roles()).toEqual([401, 401]);
    await update(id, { disabled: false, role: 'admin' });
    expect(await roles()).toEqual(['admin', 'operator']);
  });

  test('a patch that changes nothing leaves version, time and history alone', async () => {
    const { id } = await serviceAccount(portolan);
    const before = await read(id);
    for (const body of [{}, { role: 'operator', disabled: false, description: '' }]) {
      const answer = await update(id, body);
      expect(answer.headers.etag).toMatch(/^"1\./);
      expect(answer.body.serviceAccount).toEqual(before);
    }
    expect(await portolan.sql('select id from audit_logs where resource_id = $1', [id])).toEqual([]);
  });

  test('the audit row tells old and new values', async () => {
    const { id, name } = await serviceAccount(portolan);
    await update(id, { role: 'viewer', description: 'x' });
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toMatchObject([{ action: 'update', resource_type: 'service_account', resource_name: name }]);
    expect(rows[0].details).toEqual({
      changed: ['description', 'role'],
      before: { description: null, role: 'operator' },
      after: { description: 'x', role: 'viewer' },
    });
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await serviceAccount(portolan);
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { description: 'one' }, { headers });
    await update(id, { description: 'two' });
    const again = await update(id, { description: 'one' }, { headers });
    expect([again.headers['idempotent-replayed'], again.text]).toEqual(['true', first.text]);
    expect((await read(id)).description).toBe('two');
  });
});

describe('400', () => {
  test.each([
    [{ description: 'x'.repeat(501) }, 'description', 'maxLength'],
    [{ role: 'owner' }, 'role', 'enum'],
    [{ disabled: 1 }, 'disabled', 'type'],
    [{ displayName: 'x' }, 'displayName', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const answer = await update((await serviceAccount(portolan)).id, body);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    expect((await update(id, { role: 1 })).status).toBe(404);
  });
});

describe('412', () => {
  test('when If-Match names another version; a new token does not count', async () => {
    const { id } = await serviceAccount(portolan);
    const etag = String((await portolan.call('getServiceAccount', { path: { id } })).headers.etag);
    await token(portolan, { ownerServiceAccountId: id, role: 'viewer' });
    expect((await update(id, { role: 'viewer' }, { headers: { 'if-match': etag } })).status).toBe(200);
    const stale = await update(id, { role: 'admin' }, { headers: { 'if-match': etag } });
    const present = await portolan.call('getServiceAccount', { path: { id } });
    expect([stale.status, stale.body.details.currentEtag]).toEqual([412, present.headers.etag]);
  });
});

describe('422', () => {
  test.each([
    ['name', 'It is set when the object is created and stays.'],
    ['createdBy', 'Leave it out; Portolan sets it.'],
    ['tokenCount', 'Leave it out; Portolan sets it.'],
  ])('%s is read-only, and nothing is applied', async (member, hint) => {
    const { id } = await serviceAccount(portolan);
    const answer = await update(id, { role: 'viewer', [member]: 'x' });
    expect([answer.status, answer.body.field, answer.body.hint]).toEqual([422, member, hint]);
    expect((await read(id)).role).toBe('operator');
  });
});
