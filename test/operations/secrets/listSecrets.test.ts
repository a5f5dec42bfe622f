import { environment, token } from '../../support/fixtures';
import { usedKey } from '../../support/keyUses';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { configFileRow, secretRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
const keys = ['BETA', 'ALPHA', 'GAMMA', 'ALPHA_2', 'DELTA'];
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  for (const [index, key] of keys.entries()) {
    const at = `2026-01-0${1 + (index % 3)}T00:00:00.000Z`;
    await secretRow(portolan, envId, { key, updated_at: at, never_reveal: key === 'GAMMA' });
  }
  await configFileRow(portolan, envId, ['ALPHA', 'GAMMA', 'NOBODY']);
  const other = await environment(portolan);
  await secretRow(portolan, other, { key: 'OTHER' });
  await configFileRow(portolan, other, ['BETA', 'OTHER']);
});
afterAll(() => portolan.close());

const list = async (query: Record<string, string | number | boolean> | string = {}, more: object = {}) =>
  portolan.call('listSecrets', { path: { envId }, query, ...more });
const keysOf = async (query: Record<string, string | number | boolean> | string = {}) => {
  const { body } = await list(query);
  expect(body.total).toBe(body.secrets.length);
  return body.secrets.map(({ key }: { key: string }) => key);
};

describeListRules(() => portolan, {
  operationId: 'listSecrets',
  member: 'secrets',
  sortable: { key: (row) => row.key, updatedAt: (row) => row.updatedAt },
  call: () => ({ path: { envId } }),
  otherFilter: { neverReveal: 'true' },
  otherSort: 'updatedAt',
});

describe('200', () => {
  test('by key; nothing of other environments', async () => {
    expect(await keysOf()).toEqual(['ALPHA', 'ALPHA_2', 'BETA', 'DELTA', 'GAMMA']);
  });

  test.each([
    [{ key: 'ALPHA' }, ['ALPHA']],
    ['key=ALPHA,BETA,NOBODY', ['ALPHA', 'BETA']],
    [{ used: true }, ['ALPHA', 'GAMMA']],
    [{ used: false }, ['ALPHA_2', 'BETA', 'DELTA']],
    [{ neverReveal: true }, ['GAMMA']],
    [{ neverReveal: false, used: true }, ['ALPHA']],
    [{ q: 'alph' }, ['ALPHA', 'ALPHA_2']],
    [{ q: '_' }, ['ALPHA_2']],
    [{ q: 'A', used: true, key: 'GAMMA' }, ['GAMMA']],
    [{ key: 'NOBODY' }, []],
    [{ sort: '-key' }, ['GAMMA', 'DELTA', 'BETA', 'ALPHA_2', 'ALPHA']],
  ])('%j', async (query, expected) => {
    expect(await keysOf(query as never)).toEqual(expected);
  });

  test('each row is what getSecret shows, without a value', async () => {
    const place = await environment(portolan);
    const { key, uses } = await usedKey(portolan, place);
    const id = await secretRow(portolan, place, { key, description: 'why' }, 'canary');
    const listed = await list({}, { path: { envId: place } });
    const shown = await portolan.call('getSecret', { path: { id } });
    expect(listed.body.secrets).toEqual([shown.body.secret]);
    expect(listed.body.secrets[0]).toMatchObject(uses);
    expect(listed.text).not.toMatch(/canary|v1[.]|value[^U]/);
    expect((await list({ used: true }, { path: { envId: place } })).body.total).toBe(1);
  });

  test.each(['service_keys', 'service_deployment_keys'])('used says so for %s alone', async (table) => {
    const place = await environment(portolan);
    const { key } = await usedKey(portolan, place);
    await secretRow(portolan, place, { key });
    for (const other of ['config_file_keys', 'config_fragment_keys', 'service_keys', 'service_deployment_keys']) {
      if (other !== table) await portolan.sql(`delete from ${other} where environment_id = $1`, [place]);
    }
    const total = async (used: boolean) => (await list({ used }, { path: { envId: place } })).body.total;
    expect([await total(true), await total(false)]).toEqual([1, 0]);
  });

  test('a fragment in no file uses nothing', async () => {
    const place = await environment(portolan);
    const { key } = await usedKey(portolan, place);
    await secretRow(portolan, place, { key });
    for (const table of ['config_file_keys', 'service_keys', 'service_deployment_keys']) {
      await portolan.sql(`delete from ${table} where environment_id = $1`, [place]);
    }
    expect((await list({ used: true }, { path: { envId: place } })).body.total).toBe(1);
    await portolan.sql(
      `delete from config_file_fragments using config_files
      where config_files.id = config_file_id and environment_id = $1`,
      [place],
    );
    expect((await list({ used: true }, { path: { envId: place } })).body.total).toBe(0);
  });

  test('the total follows creates and deletes', async () => {
    const place = await environment(portolan);
    const total = async () => (await list({}, { path: { envId: place } })).body.total;
    expect(await total()).toBe(0);
    const ids = [await secretRow(portolan, place), await secretRow(portolan, place)];
    expect(await total()).toBe(2);
    await portolan.call('deleteSecret', { path: { id: ids[0] as string } });
    expect(await total()).toBe(1);
  });
});

describe('400', () => {
  test.each([
    [{ used: 'yes' }, 'used', 'type'],
    [{ sort: 'value' }, 'sort', 'enum'],
    [{ neverReveal: 'x' }, 'neverReveal', 'type'],
  ])('%j', async (query, field, code) => {
    const answer = await list(query as never);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad query', async (unknown) => {
    expect((await list({ limit: 0 }, { path: { envId: unknown } })).status).toBe(404);
    expect((await list({}, { path: { envId: unknown } })).status).toBe(404);
  });

  test('an environment outside of the token’s is hidden', async () => {
    const own = await token(portolan, { role: 'viewer', environments: [envId] });
    expect((await list({}, { token: own.token })).body.total).toBe(keys.length);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
