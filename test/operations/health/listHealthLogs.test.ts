import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { healthLogRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
const watched = uuidv7();
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  // Minutes ago, so from the newest to the oldest.
  const rows: [number, string, string, string][] = [
    [1, 'server', 'ssh', 'success'],
    [2, 'server', 'ssh', 'timeout'],
    [3, 'service_deployment', 'url', 'failure'],
    [4, 'service_deployment', 'container_health', 'success'],
    [5, 'container', 'discovery', 'success'],
    [25 * 60, 'server', 'ssh', 'failure'],
  ];
  for (const [minutes, resource_type, check_type, status] of rows) {
    const resource_id = minutes === 2 ? watched : uuidv7();
    await healthLogRow(portolan, envId, minutes, {
      resource_type,
      check_type,
      status,
      resource_id,
      resource_name: `n${minutes}`,
    });
  }
  await healthLogRow(portolan, envId, 2161 * 60);
  await healthLogRow(portolan, await environment(portolan), 1);
});
afterAll(() => portolan.close());

const list = (query: object | string = {}, more: object = {}) =>
  portolan.call('listHealthLogs', { path: { envId }, query: query as Record<string, string>, ...more });
const namesOf = (answer: { body: { logs: { resourceName: string }[] } }) => answer.body.logs.map((log) => log.resourceName);

describeListRules(() => portolan, {
  operationId: 'listHealthLogs',
  member: 'logs',
  sortable: { createdAt: (row) => row.createdAt },
  call: () => ({ path: { envId }, query: { hours: 2160 } }),
  otherFilter: { status: 'success' },
  otherSort: 'createdAt',
});

describe('200', () => {
  test.each([
    [{}, ['n1', 'n2', 'n3', 'n4', 'n5']],
    [{ hours: 26 }, ['n1', 'n2', 'n3', 'n4', 'n5', 'n1500']],
    [{ type: 'server' }, ['n1', 'n2']],
    [{ type: 'service' }, ['n3', 'n4']],
    [{ type: 'service_deployment' }, ['n3', 'n4']],
    ['type=service,container', ['n3', 'n4', 'n5']],
    [{ checkType: 'ssh' }, ['n1', 'n2']],
    ['checkType=url,discovery', ['n3', 'n5']],
    [{ status: 'timeout' }, ['n2']],
    ['status=failure,timeout&type=server&hours=48', ['n2', 'n1500']],
    [{ resourceId: watched }, ['n2']],
    [{ q: 'N3' }, ['n3']],
  ])('%j: newest first', async (query, expected) => {
    const answer = await list(query);
    expect(namesOf(answer)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test('the summary counts all checks of these hours, whatever the other filters say', async () => {
    const none = { success: 0, failure: 0, timeout: 0 };
    const ofDay = {
      server: { ...none, success: 1, timeout: 1 },
      service: { ...none, success: 1, failure: 1 },
      container: { ...none, success: 1 },
    };
    expect((await list()).body.summary).toEqual(ofDay);
    expect((await list({ type: 'container', status: 'timeout' })).body).toMatchObject({ logs: [], total: 0, summary: ofDay });
    expect((await list({ hours: 48 })).body.summary).toEqual({ ...ofDay, server: { success: 1, failure: 1, timeout: 1 } });
    const empty = await list({}, { path: { envId: await environment(portolan) } });
    expect(empty.body).toMatchObject({
      logs: [],
      total: 0,
      totalPages: 0,
      summary: { server: none, service: none, container: none },
    });
  });

  test('pages by number', async () => {
    const first = await list({ limit: 2 });
    expect(first.body).toMatchObject({ page: 1, limit: 2, totalPages: 3, total: 5 });
    const second = await list({ limit: 2, page: 2 });
    expect([namesOf(second), second.body.page]).toEqual([['n3', 'n4'], 2]);
    const last = await list({ limit: 2, page: 3 });
    expect([namesOf(last), last.body.nextCursor]).toEqual([['n5'], null]);
    const beyond = await list({ limit: 2, page: 100000 });
    expect([namesOf(beyond), beyond.body.total, beyond.body.page]).toEqual([[], 5, 100000]);
    expect((await list({ limit: 2, offset: 2 })).body.page).toBe(2);
  });

  test('the cursor of a numbered page leads on without the number', async () => {
    const { nextCursor } = (await list({ limit: 2, page: 2 })).body;
    const next = await list({ limit: 2, cursor: nextCursor });
    expect([namesOf(next), next.body.page]).toEqual([['n5'], null]);
  });

  test('every member', async () => {
    const place = await environment(portolan);
    const columns = {
      resource_id: watched,
      resource_name: 'shop',
      resource_type: 'service_deployment',
      check_type: 'url',
      status: 'failure',
      duration_ms: 41,
      http_status: 503,
      error_message: 'It answered 503.',
      created_at: '2999-03-01T08:00:00.1Z',
    };
    const id = await healthLogRow(portolan, place, 0, columns);
    expect((await list({}, { path: { envId: place } })).body.logs).toEqual([
      {
        id,
        environmentId: place,
        resourceType: 'service_deployment',
        resourceId: watched,
        resourceName: 'shop',
        checkType: 'url',
        status: 'failure',
        durationMs: 41,
        httpStatus: 503,
        errorMessage: 'It answered 503.',
        createdAt: '2999-03-01T08:00:00.100Z',
      },
    ]);
  });
});

describe('400', () => {
  test.each([
    [{ hours: 0 }, 'hours', 'minimum'],
    [{ hours: 2161 }, 'hours', 'maximum'],
    [{ page: 0 }, 'page', 'minimum'],
    [{ page: 'two' }, 'page', 'type'],
    [{ page: 1, offset: 0 }, 'page', 'inconsistent'],
    [{ type: 'host' }, 'type[0]', 'enum'],
    [{ checkType: 'ping' }, 'checkType[0]', 'enum'],
    [{ status: 'ok' }, 'status[0]', 'enum'],
    [{ resourceId: 'x' }, 'resourceId[0]', 'format'],
  ])('%j', async (query, field, code) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });

  test('a page together with a cursor', async () => {
    const { nextCursor } = (await list({ limit: 2 })).body;
    const answer = await list({ limit: 2, page: 2, cursor: nextCursor });
    expect([answer.status, answer.body.field, answer.body.message]).toEqual([400, 'page', 'page: Not together with cursor.']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad query', async (unknown) => {
    for (const query of [{}, { page: 0 }]) expect((await list(query, { path: { envId: unknown } })).status).toBe(404);
  });

  test('an environment outside of the token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
