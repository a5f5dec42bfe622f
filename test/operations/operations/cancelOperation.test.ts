import { uuidv7 } from 'uuidv7';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { operationRow, registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const cancel = (id: string, more: object = {}) => portolan.call('cancelOperation', { path: { id }, ...more });
const get = (id: string) => portolan.call('getOperation', { path: { id } });
const ofRegistry = (columns: object = {}) =>
  operationRow(portolan, { environment_id: envId, resource_type: 'registry', resource_id: uuidv7(), ...columns });

describe('202', () => {
  test('a queued one ends at once', async () => {
    const id = await ofRegistry();
    const answer = await cancel(id);
    expect(answer.status).toBe(202);
    expect(answer.body.operation).toMatchObject({ id, state: 'cancelled', cancelRequested: true, startedAt: null });
    expect(Date.parse(answer.body.operation.finishedAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(answer.headers.location).toBe(`/api/operations/${id}`);
    const read = await portolan.send('GET', String(answer.headers.location));
    expect([read.status, read.body, read.headers.etag]).toEqual([200, answer.body, answer.headers.etag]);
    expect(answer.headers.etag).toMatch(/^"2\./);
  });

  test('a running one goes on until its next safe point', async () => {
    const id = await ofRegistry({ state: 'running', started_at: '2026-01-01T00:00:00Z' });
    const { body, status } = await cancel(id);
    expect([status, body.operation.state, body.operation.cancelRequested, body.operation.finishedAt]).toEqual([202, 'running', true, null]);
    expect((await get(id)).headers['retry-after']).toBeDefined();
  });

  test('a second wish changes nothing more', async () => {
    const id = await ofRegistry({ state: 'running' });
    const first = await cancel(id);
    const second = await cancel(id);
    expect([second.status, second.body, second.headers.etag]).toEqual([202, first.body, first.headers.etag]);
    expect(await portolan.sql("select 1 from audit_logs where details ->> 'operationId' = $1", [id])).toHaveLength(1);
  });

  test('the audit row is found with the resource', async () => {
    const registryId = await registryRow(portolan, envId, { name: 'ghcr' });
    const id = await ofRegistry({ resource_id: registryId });
    await cancel(id);
    const { logs } = (await portolan.call('listAuditLogs', { query: { resourceId: registryId } })).body;
    expect(logs).toMatchObject([
      {
        action: 'cancel',
        resourceType: 'registry',
        resourceName: 'ghcr',
        environmentId: envId,
        details: { operationId: id, kind: 'registry.checkUpdates', state: 'cancelled' },
      },
    ]);
  });

  test('without a resource the audit row is about the operation', async () => {
    const id = await operationRow(portolan, { kind: 'types.sync' });
    await cancel(id);
    const { logs } = (await portolan.call('listAuditLogs', { query: { resourceType: 'operation', resourceId: id } })).body;
    expect(logs).toMatchObject([{ action: 'cancel', resourceName: 'types.sync', environmentId: null }]);
  });

  test('the scope that changes the resource is enough', async () => {
    const writer = await token(portolan, { role: 'operator', scopes: ['registries:write'], environments: [envId] });
    expect((await cancel(await ofRegistry(), { token: writer.token })).status).toBe(202);
  });

  test('an Idempotency-Key is acted on once', async () => {
    const id = await ofRegistry();
    const headers = { 'idempotency-key': unique('key') };
    const first = await cancel(id, { headers });
    const again = await cancel(id, { headers });
    expect([again.status, again.text, again.headers.location, again.headers['idempotent-replayed']]).toEqual([
      202,
      first.text,
      first.headers.location,
      'true',
    ]);
  });

  test('of 50 at once one is done, the others find it cancelled', async () => {
    const id = await ofRegistry();
    const answers = await Promise.all(Array.from({ length: 50 }, () => cancel(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(49).fill(409)]);
  });
});

describe('400', () => {
  test.each([
    [{ body: { force: true } }, 'force', 'unknown_member'],
    [{ query: { force: true } }, 'force', 'unknown_parameter'],
    [{ headers: { 'if-match': 'x' } }, 'If-Match', 'format'],
  ])('%j', async (call, field, code) => {
    const id = await ofRegistry();
    const answer = await cancel(id, call);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    expect((await get(id)).body.operation.state).toBe('queued');
  });
});

describe('403', () => {
  test('for a viewer', async () => {
    const viewer = await token(portolan, { role: 'viewer' });
    const answer = await cancel(await ofRegistry(), { token: viewer.token });
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([403, 'FORBIDDEN_ROLE', { requiredRole: 'operator' }]);
  });

  test.each([
    ['registry', 'registries:read', 'registries:write'],
    ['container_image', 'images:read', 'images:write'],
    ['service', 'services:read', 'services:write'],
  ])('for a token that may only read the %s', async (type, scope, required) => {
    const reader = await token(portolan, { scopes: [scope] });
    const id = await ofRegistry({ resource_type: type });
    const answer = await cancel(id, { token: reader.token });
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([403, 'FORBIDDEN_SCOPE', { requiredScope: required }]);
    expect((await get(id)).body.operation.state).toBe('queued');
  });

  test('for an operator, when it belongs to the environment itself', async () => {
    const operator = await token(portolan, { role: 'operator' });
    const id = await operationRow(portolan, { environment_id: envId });
    const answer = await cancel(id, { token: operator.token });
    expect([answer.status, answer.body.details]).toEqual([403, { requiredScope: 'environments:write' }]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await cancel(id, { body: { force: true } })).status).toBe(404);
  });

  test.each([
    ['without any scope of its resource', { scopes: ['services:write'] }],
    ['of another environment', { environments: [] }],
  ])('to a token %s', async (_what, wishes) => {
    const other = await token(portolan, wishes);
    const id = await ofRegistry();
    expect((await cancel(id, { token: other.token })).status).toBe(404);
    expect((await get(id)).body.operation.state).toBe('queued');
  });
});

describe('409', () => {
  test.each(['succeeded', 'failed', 'cancelled'])('when it is %s already', async (state) => {
    const answer = await cancel(await ofRegistry({ state }));
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([409, 'CONFLICT', { state }]);
  });

  test.each(['queued', 'running'])('when it is %s and cannot be cancelled', async (state) => {
    const id = await ofRegistry({ state, cancellable: false });
    const answer = await cancel(id);
    expect([answer.status, answer.body.details]).toEqual([409, { state }]);
    expect((await get(id)).body.operation).toMatchObject({ state, cancelRequested: false });
  });
});

describe('412', () => {
  test('goes before 409; progress in the background does not count', async () => {
    const id = await ofRegistry({ state: 'running' });
    const etag = String((await get(id)).headers.etag);
    await portolan.sql('update operations set progress_done = 1, progress_total = 2 where id = $1', [id]);
    expect((await cancel(id, { headers: { 'if-match': etag } })).status).toBe(202);
    await portolan.sql("update operations set state = 'failed' where id = $1", [id]);
    const stale = await cancel(id, { headers: { 'if-match': etag } });
    expect([stale.status, stale.body.details.currentEtag]).toEqual([412, (await get(id)).headers.etag]);
  });
});
