import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { operationRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getOperation', { path: { id }, ...more });
const ofRegistry = (columns: object = {}) =>
  operationRow(portolan, { environment_id: envId, resource_type: 'registry', resource_id: uuidv7(), ...columns });

describe('200', () => {
  test('every member of one that failed', async () => {
    const [resourceId, userId] = [uuidv7(), uuidv7()];
    const error = { code: 'SERVICE_UNAVAILABLE', message: 'ghcr.io does not answer.', requestId: 'req_1' };
    const id = await operationRow(portolan, {
      state: 'failed',
      resource_type: 'registry',
      resource_id: resourceId,
      environment_id: envId,
      progress_done: 3,
      progress_total: 9,
      created_by_type: 'user',
      created_by_id: userId,
      created_by_name: 'Ada',
      created_at: '2026-03-01T08:00:00Z',
      updated_at: '2026-03-01T08:00:04.5Z',
      started_at: '2026-03-01T08:00:01Z',
      finished_at: '2026-03-01T08:00:04.5Z',
      result: JSON.stringify({ summary: { checked: 3 } }),
      error: JSON.stringify(error),
      warnings: JSON.stringify([{ code: 'partial', message: 'Cut.' }]),
    });
    const answer = await get(id);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(answer.body).toEqual({
      operation: {
        id,
        kind: 'registry.checkUpdates',
        state: 'failed',
        resource: { type: 'registry', id: resourceId },
        environmentId: envId,
        progress: { done: 3, total: 9 },
        createdBy: { type: 'user', id: userId, name: 'Ada' },
        createdAt: '2026-03-01T08:00:00.000Z',
        updatedAt: '2026-03-01T08:00:04.500Z',
        startedAt: '2026-03-01T08:00:01.000Z',
        finishedAt: '2026-03-01T08:00:04.500Z',
        cancelRequested: false,
        result: { summary: { checked: 3 } },
        error,
        warnings: [{ code: 'partial', message: 'Cut.' }],
      },
    });
  });

  test('one of the schedule that has only begun', async () => {
    const { operation } = (await get(await operationRow(portolan))).body;
    expect(operation).toMatchObject({
      state: 'queued',
      resource: null,
      environmentId: null,
      progress: null,
      createdBy: { type: 'system', id: null, name: 'Portolan' },
      startedAt: null,
      finishedAt: null,
      result: null,
      error: null,
      warnings: [],
    });
  });

  test.each([
    ['queued', '0 s', '1'],
    ['running', '60 s', '6'],
    ['running', '1 day', '30'],
    ['succeeded', '0 s', undefined],
    ['failed', '0 s', undefined],
    ['cancelled', '0 s', undefined],
  ])('%s since %s: Retry-After is %s', async (state, age, expected) => {
    const [{ at }] = await portolan.sql('select now() - $1::interval as at', [age]);
    const answer = await get(await operationRow(portolan, { state, created_at: at }));
    expect(answer.headers['retry-after']).toBe(expected);
  });

  test('for whoever may read its resource', async () => {
    const id = await ofRegistry();
    const reader = await token(portolan, { role: 'viewer', scopes: ['registries:read'], environments: [envId] });
    expect((await get(id, { token: reader.token })).status).toBe(200);
  });
});

describe('304', () => {
  test('until it gets on, Retry-After included', async () => {
    const id = await ofRegistry({ state: 'running', progress_total: 9 });
    const headers = { 'if-none-match': String((await get(id)).headers.etag) };
    const same = await get(id, { headers });
    expect([same.status, same.headers['retry-after']]).toEqual([304, '1']);
    await portolan.sql('update operations set progress_done = 1 where id = $1', [id]);
    expect((await get(id, { headers })).body.operation.progress).toEqual({ done: 1, total: 9 });
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await get(id)).status).toBe(404);
  });

  test.each([
    ['without the scope of its resource', { scopes: ['services:read', 'registries:write'] }],
    ['of another environment', { environments: [] }],
  ])('to a token %s', async (_what, wishes) => {
    const other = await token(portolan, wishes);
    expect((await get(await ofRegistry(), { token: other.token })).status).toBe(404);
  });

  test('to a limited token, when it belongs to no environment', async () => {
    const limited = await token(portolan, { environments: [envId] });
    expect((await get(await operationRow(portolan), { token: limited.token })).status).toBe(404);
    expect((await get(await operationRow(portolan, { environment_id: envId }), { token: limited.token })).status).toBe(200);
  });
});
