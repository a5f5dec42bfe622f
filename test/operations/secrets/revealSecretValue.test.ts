import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { secretRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const reveal = (id: string, more: object = {}) => portolan.call('revealSecretValue', { path: { id }, ...more });
const forbid = (environmentId: string) =>
  portolan.sql(`insert into environment_settings (environment_id, module, settings) values ($1, 'configuration', $2)`, [
    environmentId,
    { allowSecretReveal: false },
  ]);
const recorded = (id: string) =>
  portolan.sql(
    'select action, operation_id, resource_type, success, error, environment_id, user_id, details from audit_logs where resource_id = $1',
    [id],
  );

describe('200', () => {
  test('the value, which nobody is to store', async () => {
    const id = await secretRow(portolan, envId, {}, 'two\nlines 🚢');
    const answer = await reveal(id);
    expect([answer.status, answer.body]).toEqual([200, { value: 'two\nlines 🚢' }]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.etag).toBeUndefined();
  });

  test('it is recorded who saw it, and not what; streams are told nothing', async () => {
    const id = await secretRow(portolan, envId, {}, 'canary');
    const { token: own, userId } = await token(portolan, { scopes: ['secrets:reveal'], environments: [envId] });
    expect((await reveal(id, { token: own })).status).toBe(200);
    expect(await recorded(id)).toEqual([
      {
        action: 'reveal',
        operation_id: 'revealSecretValue',
        resource_type: 'secret',
        success: true,
        error: null,
        environment_id: envId,
        user_id: userId,
        details: null,
      },
    ]);
    expect(await portolan.sql('select * from events where data like $1', [`%${id}%`])).toEqual([]);
  });
});

describe('400', () => {
  test('for a query parameter, and nothing is revealed or recorded', async () => {
    const id = await secretRow(portolan, envId, {}, 'canary');
    const answer = await reveal(id, { query: { raw: true } });
    expect([answer.status, answer.body.field]).toEqual([400, 'raw']);
    expect(await recorded(id)).toEqual([]);
  });
});

describe('403', () => {
  test('where the environment reveals nothing; the refusal is recorded', async () => {
    const place = await environment(portolan);
    await forbid(place);
    const id = await secretRow(portolan, place, {}, 'canary');
    const answer = await reveal(id);
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([
      403,
      'FORBIDDEN_SCOPE',
      { reason: 'reveal_disabled' },
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).not.toContain('canary');
    expect(await recorded(id)).toMatchObject([{ action: 'reveal', success: false, details: { reason: 'reveal_disabled' } }]);
    const listed = await portolan.call('listAuditLogs', { query: { resourceId: id, success: false } });
    expect(listed.body.logs).toMatchObject([{ action: 'reveal' }]);
  });

  test('where the secret is never revealed; each refusal is recorded', async () => {
    const id = await secretRow(portolan, envId, { never_reveal: true });
    for (let i = 0; i < 2; i++) {
      const answer = await reveal(id);
      expect([answer.status, answer.body.code, answer.body.details]).toEqual([
        403,
        'FORBIDDEN_SCOPE',
        { reason: 'never_reveal' },
      ]);
    }
    expect(await recorded(id)).toMatchObject([
      { success: false, details: { reason: 'never_reveal' } },
      { success: false, details: { reason: 'never_reveal' } },
    ]);
  });

  test('both reasons: the environment’s goes first', async () => {
    const place = await environment(portolan);
    await forbid(place);
    const id = await secretRow(portolan, place, { never_reveal: true });
    expect((await reveal(id)).body.details).toEqual({ reason: 'reveal_disabled' });
  });

  test('without the role or the scope; both refusals are recorded', async () => {
    const id = await secretRow(portolan, envId);
    const operator = await token(portolan, { role: 'operator' });
    const reader = await token(portolan, { role: 'admin', scopes: ['secrets:read', 'secrets:write'] });
    expect((await reveal(id, { token: operator.token })).body.code).toBe('FORBIDDEN_ROLE');
    const { body } = await reveal(id, { token: reader.token });
    expect([body.code, body.details]).toEqual(['FORBIDDEN_SCOPE', { requiredScope: 'secrets:reveal' }]);
    expect(await recorded(id)).toMatchObject([
      { success: false, user_id: operator.userId, details: { requiredRole: 'admin' } },
      { success: false, user_id: reader.userId, details: { requiredScope: 'secrets:reveal' } },
    ]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await reveal(id)).status).toBe(404);
  });

  test('in an environment outside of the token’s, also with a bad query; nothing is recorded', async () => {
    const id = await secretRow(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await reveal(id, { token: other.token, query: { raw: true } })).status).toBe(404);
    expect(await recorded(id)).toEqual([]);
  });
});

test('500 for a value that does not open: it was moved here from another row, and nothing is recorded', async () => {
  const [id, other] = [await secretRow(portolan, envId, {}, 'canary'), await secretRow(portolan, envId)];
  await portolan.sql('update secrets set value_sealed = (select value_sealed from secrets where id = $2) where id = $1', [
    other,
    id,
  ]);
  const answer = await reveal(other);
  expect([answer.status, answer.body.code]).toEqual([500, 'INTERNAL']);
  expect(await recorded(other)).toEqual([]);
});
