import { uuidv7 } from 'uuidv7';
import { appIn, auditOf, buildRow, type Callers, callersOf, packageRow, suspend } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let app: string;
let guid: string;
let callers: Callers;
beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
beforeEach(async () => {
  guid = await buildRow(portolan, app, await packageRow(portolan, app), { updated_at: '2026-01-01T00:00:00Z' });
});
afterAll(() => portolan.close());
const update = (body: unknown, token: string | null = callers.developer, id = guid) =>
  portolan.call('updateBuild', { path: { guid: id }, body, token });

describe('200', () => {
  test.each(['admin', 'developer'] as const)('for the %s: metadata is merged, and audited', async (caller) => {
    await update({ metadata: { labels: { a: '1', b: '2' } } }, callers[caller]);
    const { status, body } = await update({ metadata: { labels: { a: null }, annotations: { n: 'x' } } }, callers[caller]);
    expect(status).toBe(200);
    expect(body.metadata).toEqual({ labels: { b: '2' }, annotations: { n: 'x' } });
    expect(await auditOf(portolan, guid)).toMatchObject([
      {},
      {
        action: 'update',
        resource_type: 'build',
        environment_id: space,
        details: { cfType: 'audit.app.build.update', metadata: { labels: ['a'], annotations: ['n'] } },
      },
    ]);
  });

  test('with nothing: it counts as changed', async () => {
    const { body } = await update({});
    expect(body.updated_at > '2026-06-01').toBe(true);
    expect(body.metadata).toEqual({ labels: {}, annotations: {} });
  });
});

test('400 for a body that is no JSON', async () => {
  expect((await update('"text"')).body.errors[0].code).toBe(1001);
});

test('401 without credential', async () => {
  expect((await update({}, null)).status).toBe(401);
});

describe('403', () => {
  test.each(['viewer', 'reader', 'supporter'] as const)('for the %s', async (caller) => {
    expect((await update({}, callers[caller])).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended', async () => {
    await suspend(portolan, true);
    try {
      expect((await update({})).body.errors[0].code).toBe(10017);
    } finally {
      await suspend(portolan, false);
    }
  });
});

test('404 for one that is missing or cannot be seen', async () => {
  for (const answer of [await update({ x: 1 }, callers.developer, uuidv7()), await update({}, callers.outside)]) {
    expect([answer.status, answer.body.errors[0].detail]).toEqual([404, 'Build not found']);
  }
});

describe('422', () => {
  test('for state, error and lifecycle, which a client does not set', async () => {
    const { status, body } = await update({ state: 'STAGED', error: 'x', lifecycle: { type: 'docker' } });
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    for (const name of ["'state'", "'error'", "'lifecycle'"]) expect(body.errors[0].detail).toContain(name);
  });

  test('for too many annotations', async () => {
    const annotations = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`a${index}`, 'x']));
    expect((await update({ metadata: { annotations } })).body.errors[0].code).toBe(390023);
  });
});
