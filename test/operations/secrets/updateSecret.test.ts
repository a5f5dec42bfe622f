import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { configFileRow, uniqueKey } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = async (members: object = {}) => {
  const body = { key: uniqueKey(), value: 'canary-first', ...members };
  const answer = await portolan.call('createSecret', { path: { envId }, body });
  expect(answer.status).toBe(201);
  // Whether a time changes shows only when it cannot be the same by chance.
  await portolan.sql(`update secrets set value_updated_at = '2026-01-01', updated_at = '2026-01-01' where id = $1`, [
    answer.body.secret.id,
  ]);
  return (await portolan.call('getSecret', { path: { id: answer.body.secret.id } })).body.secret;
};
const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateSecret', { path: { id }, body, ...more });
const versionOf = ({ headers }: { headers: object }) => String((headers as { etag?: string }).etag).split('.')[0];
const reveal = async (id: string) => (await portolan.call('revealSecretValue', { path: { id } })).body.value;

describe('200', () => {
  test('value: absent keeps, null is refused, a value sets', async () => {
    const { id } = await create();
    await update(id, { description: 'x' });
    expect(await reveal(id)).toBe('canary-first');
    const refused = await update(id, { value: null });
    expect([refused.status, refused.body.field]).toEqual([400, 'value']);
    await update(id, { value: 'canary-second' });
    expect(await reveal(id)).toBe('canary-second');
  });

  test('description: absent keeps, null and "" clear, a value sets', async () => {
    const { id } = await create({ description: 'first' });
    expect((await update(id, { value: 'x' })).body.secret.description).toBe('first');
    expect((await update(id, { description: null })).body.secret.description).toBeNull();
    expect((await update(id, { description: 'second' })).body.secret.description).toBe('second');
    expect((await update(id, { description: '' })).body.secret.description).toBeNull();
  });

  test('another value is a rotation; the same one, or another description, is none', async () => {
    const before = await create({ value: 'same' });
    const described = await update(before.id, { value: 'same', description: 'new' });
    expect(described.body.secret.valueUpdatedAt).toBe(before.valueUpdatedAt);
    expect(described.body.secret.updatedAt).not.toBe(before.updatedAt);
    const rotated = await update(before.id, { value: 'other' });
    expect(rotated.body.secret.valueUpdatedAt).not.toBe(before.valueUpdatedAt);
  });

  test('a patch that changes nothing leaves version, times and history alone', async () => {
    const before = await create({ description: 'd' });
    const [row] = await portolan.sql('select * from secrets where id = $1', [before.id]);
    const answer = await update(before.id, { value: 'canary-first', description: 'd', neverReveal: false });
    expect([answer.status, answer.body.secret, versionOf(answer)]).toEqual([200, before, '"1']);
    expect(await portolan.sql('select * from secrets where id = $1', [before.id])).toEqual([row]);
    const rows = await portolan.sql('select action from audit_logs where resource_id = $1', [before.id]);
    expect(rows).toEqual([{ action: 'create' }]);
  });

  test('the audit row names what changed, and not the value', async () => {
    const { id } = await create();
    await update(id, { value: 'canary-second', description: 'why' });
    const [row] = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'update'", [id]);
    expect(row.details).toEqual({
      changed: ['value', 'description'],
      before: { description: null },
      after: { description: 'why' },
    });
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await create();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { value: 'second' }, { headers });
    await update(id, { value: 'third' });
    const again = await update(id, { value: 'second' }, { headers });
    expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
    expect(await reveal(id)).toBe('third');
  });

  test('neverReveal: absent keeps, null is refused, true sets', async () => {
    const { id } = await create();
    expect((await update(id, { value: 'x' })).body.secret.neverReveal).toBe(false);
    const refused = await update(id, { neverReveal: null });
    expect([refused.status, refused.body.field]).toEqual([400, 'neverReveal']);
    expect((await update(id, { neverReveal: true })).body.secret.neverReveal).toBe(true);
    expect((await update(id, { value: 'y' })).body.secret.neverReveal).toBe(true);
  });

  test('neverReveal goes from true to false with a new value', async () => {
    const { id } = await create({ neverReveal: true });
    const answer = await update(id, { neverReveal: false, value: 'canary-second' });
    expect([answer.status, answer.body.secret.neverReveal]).toEqual([200, false]);
    expect(await reveal(id)).toBe('canary-second');
  });

  test('a value whose master key is gone is replaced', async () => {
    const { id } = await create();
    await portolan.sql("update secrets set value_sealed = 'v1.lost.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA' where id = $1", [
      id,
    ]);
    expect((await update(id, { value: 'canary-first' })).status).toBe(200);
    expect(await reveal(id)).toBe('canary-first');
  });
});

describe('400', () => {
  test.each([
    [{ value: 'x'.repeat(65_537) }, 'value', 'maxLength'],
    [{ value: '🚢'.repeat(16_385) }, 'value', 'maxLength'],
    [{ value: '' }, 'value', 'minLength'],
    [{ description: 'd'.repeat(1001) }, 'description', 'maxLength'],
    [{ valeu: 'x' }, 'valeu', 'unknown_member'],
  ])('%#: %s', async (body, field, code) => {
    const { id } = await create();
    const answer = await update(id, body);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    expect(answer.text).not.toContain('xxx');
  });
});

describe('404', () => {
  test('in an environment outside of the token’s, also with a bad body', async () => {
    const { id } = await create();
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await update(id, { value: 1 }, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test.each([{}, { value: 'canary-first' }, { description: 'changed' }])(
    'when neverReveal is taken back without another value: %j',
    async (members) => {
      const before = await create({ neverReveal: true });
      const answer = await update(before.id, { neverReveal: false, ...members });
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'neverReveal']);
      expect(answer.text).not.toContain('canary');
      expect((await portolan.call('getSecret', { path: { id: before.id } })).body.secret).toEqual(before);
    },
  );

  test('when an Idempotency-Key comes with another body', async () => {
    const { id } = await create();
    const headers = { 'idempotency-key': unique('key') };
    await update(id, { value: 'second' }, { headers });
    const answer = await update(id, { value: 'third' }, { headers });
    expect([answer.status, answer.body.code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('412', () => {
  test('when If-Match names another version; what uses it does not count', async () => {
    const { id, key } = await create();
    const etag = String((await portolan.call('getSecret', { path: { id } })).headers.etag);
    await configFileRow(portolan, envId, [key]);
    expect((await update(id, { description: 'a' }, { headers: { 'if-match': etag } })).status).toBe(200);
    const stale = await update(id, { description: 'b' }, { headers: { 'if-match': etag } });
    expect(stale.status).toBe(412);
    const now = await portolan.call('getSecret', { path: { id } });
    expect(stale.body.details.currentEtag).toBe(now.headers.etag);
  });
});

describe('422', () => {
  test('the key stays; the hint says the way out, and nothing is applied', async () => {
    const before = await create();
    const answer = await update(before.id, { value: 'canary-second', key: uniqueKey() });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', 'key']);
    expect(answer.body.hint).toBe('Delete it and create one of the other key; its name is what files refer to.');
    expect(answer.text).not.toContain('canary');
    expect((await portolan.call('getSecret', { path: { id: before.id } })).body.secret).toEqual(before);
  });
});
