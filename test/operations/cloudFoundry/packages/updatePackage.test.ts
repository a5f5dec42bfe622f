import { uuidv7 } from 'uuidv7';
import { seal, unseal } from '../../../../src/store/sealing';
import { testKeyring } from '../../../support/config';
import { appIn, auditOf, type Callers, callersOf, packageRow, suspend } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let app: string;
let callers: Callers;
beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const place = (rowId: string) => ({ table: 'packages', column: 'password', rowId });
const withCredentials = async () => {
  const id = uuidv7();
  const password_sealed = seal(testKeyring, place(id), 'before');
  return packageRow(portolan, app, { id, username: 'robot', password_sealed, updated_at: '2026-01-01T00:00:00Z' });
};
const update = (guid: string, body: unknown, token: string | null = callers.developer) =>
  portolan.call('updatePackage', { path: { guid }, body, token });
const stored = async (id: string) => {
  const [row] = await portolan.sql('select username, password_sealed from packages where id = $1', [id]);
  return { username: row.username, password: row.password_sealed && unseal(testKeyring, place(id), row.password_sealed) };
};

describe('200', () => {
  const before = { username: 'robot', password: 'before' };
  test.each<[string, object, object]>([
    ['nothing', {}, before],
    ['a username', { username: 'other' }, { ...before, username: 'other' }],
    ['no username', { username: null }, { ...before, username: null }],
    ['a password', { password: 'after' }, { ...before, password: 'after' }],
    ['no password', { password: null }, { ...before, password: null }],
    ['empty texts', { username: '', password: '' }, { username: null, password: null }],
    ['both', { username: 'other', password: 'after' }, { username: 'other', password: 'after' }],
  ])('with %s', async (_, body, after) => {
    const guid = await withCredentials();
    const answer = await update(guid, body);
    expect(answer.status).toBe(200);
    expect(await stored(guid)).toEqual(after);
    const { username } = after as { username: string | null };
    expect(answer.body.data).toMatchObject({ username, password: username === null ? null : '***' });
    expect(answer.body.updated_at > '2026-06-01').toBe(true);
  });

  test('metadata is merged, and removed by null', async () => {
    const guid = await withCredentials();
    await update(guid, { metadata: { labels: { a: '1', b: '2' }, annotations: { note: 'x' } } });
    const { body } = await update(guid, { metadata: { labels: { a: null, c: '3' } } });
    expect(body.metadata).toEqual({ labels: { b: '2', c: '3' }, annotations: { note: 'x' } });
  });

  test('is audited without the password', async () => {
    const guid = await withCredentials();
    await update(guid, { username: 'other', password: 'pa55-of-other', metadata: { labels: { a: '1' } } });
    const [row] = await auditOf(portolan, guid);
    expect(row).toMatchObject({ action: 'update', resource_type: 'package', environment_id: space });
    expect(row.details).toEqual({
      cfType: 'audit.app.package.update',
      appGuid: app,
      changed: ['username', 'password', 'metadata'],
      before: { username: 'robot' },
      after: { username: 'other' },
      metadata: { labels: ['a'], annotations: [] },
    });
  });
});

test('400 for a body that is no JSON', async () => {
  expect((await update(await withCredentials(), '[]')).body.errors[0].code).toBe(1001);
});

test('401 without credential', async () => {
  expect((await update(uuidv7(), {}, null)).status).toBe(401);
});

describe('403', () => {
  test.each(['viewer', 'reader'] as const)('for the %s, before anything is looked up', async (caller) => {
    expect((await update(uuidv7(), {}, callers[caller])).body.errors[0].code).toBe(10003);
  });

  test('for the supporter, before the body', async () => {
    expect((await update(await withCredentials(), { wrong: 1 }, callers.supporter)).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended', async () => {
    const guid = await withCredentials();
    await suspend(portolan, true);
    try {
      expect((await update(guid, {})).body.errors[0].code).toBe(10017);
      expect((await update(guid, {}, callers.admin)).status).toBe(200);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test('for one that is missing or cannot be seen, before the body', async () => {
    const guid = await withCredentials();
    for (const answer of [await update(uuidv7(), { wrong: 1 }), await update('x', {}), await update(guid, {}, callers.outside)]) {
      expect([answer.status, answer.body.errors[0].detail]).toEqual([404, 'Package not found']);
    }
  });
});

describe('422', () => {
  test.each<[object, string[]]>([
    [{ image: 'nginx', state: 'READY' }, ["'image'", "'state'"]],
    [{ username: 5, password: [] }, ["'username'", "'password'"]],
    [{ metadata: null }, ['metadata']],
  ])('for %j', async (body, names) => {
    const { status, body: answer } = await update(await withCredentials(), body);
    expect([status, answer.errors[0].code]).toEqual([422, 10008]);
    for (const name of names) expect(answer.errors[0].detail).toContain(name);
  });

  test('for too many labels, and the credentials stay', async () => {
    const guid = await withCredentials();
    const labels = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, 'x']));
    expect((await update(guid, { username: 'other', metadata: { labels } })).body.errors[0].code).toBe(390020);
    expect(await stored(guid)).toEqual({ username: 'robot', password: 'before' });
  });
});
