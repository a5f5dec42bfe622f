import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { serviceRow } from '../../support/rows';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateEnvironment', { path: { id }, body, ...more });
const management = async () =>
  (await portolan.call('listEnvironments', { query: { name: 'management' } })).body.environments[0].id as string;

describe('200', () => {
  test('name: absent keeps, null is refused, a value sets', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    expect((await update(id, { displayName: 'x' })).body.environment.name).toBe(name);
    const refused = await update(id, { name: null });
    expect([refused.status, refused.body.field]).toEqual([400, 'name']);
    const renamed = unique('env');
    expect((await update(id, { name: renamed })).body.environment.name).toBe(renamed);
  });

  test('displayName: absent keeps, null clears to the name, "" is refused, a value sets', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    expect((await update(id, { displayName: 'Hafen' })).body.environment.displayName).toBe('Hafen');
    const renamed = unique('env');
    expect((await update(id, { name: renamed })).body.environment.displayName).toBe('Hafen');
    expect((await update(id, { displayName: '' })).status).toBe(400);
    expect((await update(id, { displayName: null })).body.environment.displayName).toBe(renamed);
  });

  test('the answer shows the counts, the ETag the new version', async () => {
    const id = await environment(portolan);
    await serviceRow(portolan, id);
    const answer = await update(id, { displayName: 'x' });
    expect(answer.body.environment._count.services).toBe(1);
    expect(answer.headers.etag).toMatch(/^"2\./);
    expect((await portolan.call('getEnvironment', { path: { id } })).headers.etag).toBe(answer.headers.etag);
  });

  test('a patch that changes nothing leaves version, time and history alone', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    const before = (await portolan.call('getEnvironment', { path: { id } })).body;
    for (const body of [{}, { name }, { displayName: null }]) {
      const answer = await update(id, body);
      expect([answer.status, answer.body, String(answer.headers.etag).slice(0, 3)]).toEqual([200, before, '"1.']);
    }
    expect(await portolan.sql('select 1 from audit_logs where resource_id = $1', [id])).toEqual([]);
  });

  test('a protected environment takes a display name, and its own name', async () => {
    const answer = await update(await management(), { name: 'management', displayName: 'Home' });
    expect([answer.status, answer.body.environment.displayName]).toEqual([200, 'Home']);
  });

  test('the audit row holds old and new values', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    const renamed = unique('env');
    await update(id, { name: renamed, displayName: 'Hafen' });
    const rows = await portolan.sql('select action, resource_name, environment_id, details from audit_logs where resource_id = $1', [id]);
    expect(rows).toEqual([
      {
        action: 'update',
        resource_name: renamed,
        environment_id: id,
        details: {
          changed: ['name', 'displayName'],
          before: { name, displayName: null },
          after: { name: renamed, displayName: 'Hafen' },
        },
      },
    ]);
  });

  test('by an administrator’s token that is limited to it', async () => {
    const id = await environment(portolan);
    const own = await token(portolan, { environments: [id] });
    expect((await update(id, { displayName: 'x' }, { token: own.token })).status).toBe(200);
  });

  test('an Idempotency-Key is acted on once', async () => {
    const id = await environment(portolan);
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { displayName: 'a' }, { headers });
    await update(id, { displayName: 'b' });
    const again = await update(id, { displayName: 'a' }, { headers });
    expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
    expect((await portolan.call('getEnvironment', { path: { id } })).body.environment.displayName).toBe('b');
  });
});

describe('400', () => {
  test.each([
    [{ name: 'a/b' }, 'name', 'pattern'],
    [{ name: ' a' }, 'name', 'pattern'],
    [{ name: 'x'.repeat(51) }, 'name', 'maxLength'],
    [{ displayName: 7 }, 'displayName', 'type'],
    [{ display_name: 'x' }, 'display_name', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const answer = await update(await environment(portolan), body);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });

  test('no body', async () => {
    const answer = await update(await environment(portolan), undefined);
    expect([answer.status, answer.body.field]).toEqual([400, '']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    expect((await update(id, { name: '' })).status).toBe(404);
  });

  test('an environment outside of the token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await update(await environment(portolan), { name: '' }, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when the name is taken', async () => {
    const [taken, id] = [unique('env'), await environment(portolan)];
    const other = await environment(portolan, taken);
    const answer = await update(id, { name: taken });
    expect([answer.status, answer.body.field, answer.body.details.conflictsWith]).toEqual([409, 'name', { type: 'environment', id: other }]);
    const own = await token(portolan, { environments: [id] });
    const hidden = await update(id, { name: taken }, { token: own.token });
    expect([hidden.status, hidden.body.details]).toEqual([409, undefined]);
  });

  test('when a protected environment would be renamed', async () => {
    const answer = await update(await management(), { name: unique('env') });
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([409, 'CONFLICT', { state: 'protected' }]);
  });
});

describe('412', () => {
  test('when If-Match names another version; it goes before 409', async () => {
    const id = await environment(portolan);
    const etag = String((await portolan.call('getEnvironment', { path: { id } })).headers.etag);
    expect((await update(id, { displayName: 'a' }, { headers: { 'if-match': etag } })).status).toBe(200);
    const stale = await update(id, { name: 'management' }, { headers: { 'if-match': etag } });
    expect(stale.status).toBe(412);
    expect(stale.body.details.currentEtag).toBe((await portolan.call('getEnvironment', { path: { id } })).headers.etag);
  });
});

describe('422', () => {
  test('protected cannot be set', async () => {
    const answer = await update(await environment(portolan), { name: 'a/b', protected: true });
    expect([answer.status, answer.body.field, answer.body.details.length]).toEqual([422, 'protected', 2]);
  });
});
