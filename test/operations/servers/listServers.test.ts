import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { placementRow, serviceRow } from '../../support/rows';
import { hostRow, sampleRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
const names = ['beta', 'alpha', 'gamma', 'Alpha', 'delta_1', 'delta%1'];
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  for (const [index, name] of names.entries()) {
    await hostRow(portolan, envId, {
      name,
      hostname: index === 5 ? 'db.example.com' : `10.0.0.${index % 2}`,
      status: ['healthy', 'unhealthy', 'unknown'][index % 3],
      tags: JSON.stringify([['web', 'fra'], ['db'], []][index % 3]),
      created_at: `2026-01-0${1 + (index % 4)}T00:00:00.000Z`,
    });
  }
  await hostRow(portolan, await environment(portolan));
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> | string = {}, more: object = {}) =>
  portolan.call('listServers', { path: { envId }, query, ...more });

describeListRules(() => portolan, {
  operationId: 'listServers',
  member: 'servers',
  sortable: { name: (row) => row.name, createdAt: (row) => row.createdAt },
  call: () => ({ path: { envId } }),
  otherFilter: { status: 'healthy' },
  otherSort: 'createdAt',
});

describe('200', () => {
  test.each([
    [{}, ['Alpha', 'alpha', 'beta', 'delta%1', 'delta_1', 'gamma']],
    [{ name: 'alpha' }, ['alpha']],
    ['name=alpha,beta,nobody', ['alpha', 'beta']],
    [{ hostname: '10.0.0.1' }, ['Alpha', 'alpha']],
    ['hostname=10.0.0.1,db.example.com', ['Alpha', 'alpha', 'delta%1']],
    [{ status: 'unknown' }, ['delta%1', 'gamma']],
    ['status=unknown,healthy', ['Alpha', 'beta', 'delta%1', 'gamma']],
    [{ tag: 'web' }, ['Alpha', 'beta']],
    ['tag=fra,db', ['Alpha', 'alpha', 'beta', 'delta_1']],
    [{ tag: 'we' }, []],
    [{ tag: '"' }, []],
    [{ clusterId: '01920000-0000-7000-8000-000000000000' }, []],
    [{ q: 'ALPH' }, ['Alpha', 'alpha']],
    [{ q: 'example' }, ['delta%1']],
    [{ q: '%' }, ['delta%1']],
    [{ tag: 'web', status: 'healthy', q: 'bet' }, ['beta']],
    [{ include: 'services-count' }, ['Alpha', 'alpha', 'beta', 'delta%1', 'delta_1', 'gamma']],
  ])('%j', async (query, expected) => {
    const { body } = await list(query as never);
    expect(body.servers.map(({ name }: { name: string }) => name)).toEqual(expected);
    expect(body.total).toBe(expected.length);
  });

  test('each row is what getServer shows', async () => {
    const place = await environment(portolan);
    const id = await hostRow(portolan, place);
    await sampleRow(portolan, id, 2, { cpu_percent: 1 });
    await sampleRow(portolan, id, 1, { cpu_percent: 2 });
    await placementRow(portolan, await serviceRow(portolan, place), null, { server_id: id });
    const shown = await portolan.call('getServer', { path: { id } });
    const listed = await portolan.call('listServers', { path: { envId: place } });
    expect(listed.body.servers).toEqual([shown.body.server]);
    expect([shown.body.server._count.services, shown.body.server.metrics.cpuPercent]).toEqual([1, 2]);
  });

  test('the total follows creates and deletes', async () => {
    const place = await environment(portolan);
    const total = async () => (await portolan.call('listServers', { path: { envId: place } })).body.total;
    expect(await total()).toBe(0);
    const ids = [await hostRow(portolan, place), await hostRow(portolan, place)];
    expect(await total()).toBe(2);
    await portolan.call('deleteServer', { path: { id: ids[0] as string } });
    expect(await total()).toBe(1);
  });
});

describe('400', () => {
  test.each([
    [{ status: 'fine' }, 'status[0]', 'enum'],
    [{ include: 'services' }, 'include[0]', 'enum'],
    [{ page: '1' }, 'page', 'unknown_parameter'],
  ])('%j', async (query, field, code) => {
    const answer = await list(query as never);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad query', async (unknown) => {
    expect((await portolan.call('listServers', { path: { envId: unknown }, query: { limit: 0 } })).status).toBe(404);
    expect((await portolan.call('listServers', { path: { envId: unknown } })).status).toBe(404);
  });

  test('an environment outside of the token’s is hidden', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
