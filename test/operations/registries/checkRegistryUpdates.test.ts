import { environment, serviceAccount, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { operationRow, registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const connection = () => registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
const check = (id: string, more: object = {}) => portolan.call('checkRegistryUpdates', { path: { id }, ...more });
const operations = (id: string) =>
  portolan.sql(
    `select id, kind, state, parameters, environment_id from operations where resource_id = $1 order by created_at, id`,
    [id],
  );
const jobs = (id: string) => portolan.sql(`select key from graphile_worker.jobs where key = $1`, [`refreshRegistry:${id}`]);

describe('202', () => {
  test('the operation is queued with its job, and found at its place', async () => {
    const id = await connection();
    const answer = await check(id, { body: { retryFailed: true } });
    expect(answer.status).toBe(202);
    const { operation } = answer.body;
    expect(operation).toMatchObject({
      kind: 'registry.checkUpdates',
      state: 'queued',
      resource: { type: 'registry', id },
      environmentId: envId,
      progress: null,
      createdBy: { type: 'user' },
      result: null,
    });
    expect(answer.headers.location).toBe(`/api/operations/${operation.id}`);
    const found = await portolan.call('getOperation', { path: { id: operation.id } });
    expect(found.body.operation).toEqual(operation);
    expect(found.headers.etag).toBe(answer.headers.etag);
    expect(await operations(id)).toMatchObject([{ id: operation.id, parameters: { retryFailed: true } }]);
    expect(await jobs(id)).toHaveLength(1);
  });

  test('without a body nothing that failed is tried again', async () => {
    const id = await connection();
    expect((await check(id)).status).toBe(202);
    expect(await operations(id)).toMatchObject([{ parameters: { retryFailed: false } }]);
  });

  test('behind one that runs, another one is queued', async () => {
    const id = await connection();
    await operationRow(portolan, { resource_type: 'registry', resource_id: id, environment_id: envId, state: 'running' });
    expect((await check(id)).status).toBe(202);
    expect((await operations(id)).map(({ state }) => state).sort()).toEqual(['queued', 'running']);
  });

  test('is audited with the operation', async () => {
    const id = await connection();
    const { operation } = (await check(id)).body;
    const rows = await portolan.sql(`select action, details, environment_id from audit_logs where resource_id = $1`, [id]);
    expect(rows).toEqual([
      { action: 'check_updates', details: { operationId: operation.id, retryFailed: false }, environment_id: envId },
    ]);
  });

  test('a retry with the same Idempotency-Key queues nothing more', async () => {
    const id = await connection();
    const headers = { 'idempotency-key': unique('key') };
    const [first, again] = [await check(id, { headers }), await check(id, { headers })];
    expect([again.status, again.headers['idempotent-replayed'], again.headers.location]).toEqual([
      202,
      'true',
      first.headers.location,
    ]);
    expect(await operations(id)).toHaveLength(1);
  });

  test('a service account is named as who asked', async () => {
    const id = await connection();
    const account = await serviceAccount(portolan);
    const { token: bearer } = await token(portolan, { role: 'operator', ownerServiceAccountId: account.id });
    const { operation } = (await check(id, { token: bearer })).body;
    expect(operation.createdBy).toEqual({ type: 'service_account', id: account.id, name: account.name });
  });
});

describe('409', () => {
  test('one that is queued already is named, and nothing is queued', async () => {
    const id = await connection();
    const { operation } = (await check(id)).body;
    const answer = await check(id, { body: { retryFailed: true } });
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'queued', operationId: operation.id }]);
    expect(await operations(id)).toHaveLength(1);
  });

  test('of many at once exactly one is queued', async () => {
    const id = await connection();
    const answers = await Promise.all(Array.from({ length: 8 }, () => check(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(7).fill(409)]);
    expect(await operations(id)).toHaveLength(1);
  });
});

describe('403, 404 and 412', () => {
  test('a viewer, a foreign token, another version', async () => {
    const id = await connection();
    const viewer = await token(portolan, { role: 'viewer' });
    expect((await check(id, { token: viewer.token })).status).toBe(403);
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await check(id, { token: foreign.token })).status).toBe(404);
    expect((await check(id, { headers: { 'if-match': '"9.x"' } })).status).toBe(412);
    expect(await operations(id)).toEqual([]);
  });
});
