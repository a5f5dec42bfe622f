import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { placementRow, serviceRow } from '../../support/rows';
import { hostRow, sampleRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteServer', { path: { id }, ...more });

describe('204', () => {
  test('it is gone with its samples, a second delete finds nothing, and its name is free', async () => {
    const name = unique('server');
    const id = await hostRow(portolan, envId, { name });
    await sampleRow(portolan, id, 1);
    const answer = await remove(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await portolan.call('getServer', { path: { id } })).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
    expect(await portolan.sql('select 1 from server_metrics where server_id = $1', [id])).toEqual([]);
    const again = await portolan.call('createServer', { path: { envId }, body: { name, hostname: 'h' } });
    expect(again.status).toBe(201);
  });

  test('the audit row keeps its name', async () => {
    const name = unique('server');
    const id = await hostRow(portolan, envId, { name });
    await remove(id);
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toMatchObject([{ action: 'delete', resource_type: 'server', resource_name: name, environment_id: envId }]);
  });

  test('a repeat with its Idempotency-Key is 204 again', async () => {
    const id = await hostRow(portolan, envId);
    const headers = { 'idempotency-key': unique('key') };
    expect((await remove(id, { headers })).status).toBe(204);
    const again = await remove(id, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await remove(id)).status).toBe(404);
  });

  test('a server outside of the token’s environments stays', async () => {
    const id = await hostRow(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await remove(id, { token: other.token })).status).toBe(404);
    expect((await portolan.call('getServer', { path: { id } })).status).toBe(200);
  });
});

describe('409', () => {
  test('while services are placed on it, which are named', async () => {
    const id = await hostRow(portolan, envId);
    const placement = await placementRow(portolan, await serviceRow(portolan, envId, { name: 'shop' }), null, { server_id: id });
    const answer = await remove(id);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({
      inUseBy: [{ type: 'service_deployment', id: placement, name: 'shop' }],
      inUseByTotal: 1,
    });
    await portolan.sql('delete from service_deployments where id = $1', [placement]);
    expect((await remove(id)).status).toBe(204);
  });

  test('at most 50 are named, all are counted', async () => {
    const id = await hostRow(portolan, envId);
    await portolan.sql(
      `with made as (insert into services (id, environment_id, name)
         select gen_random_uuid(), $1, 'many-' || n from generate_series(1, 51) n returning id)
       insert into service_deployments (id, service_id, server_id, container_name)
         select gen_random_uuid(), id, $2, id::text from made`,
      [envId, id],
    );
    const { details } = (await remove(id)).body;
    expect([details.inUseBy.length, details.inUseByTotal]).toEqual([50, 51]);
  });

  test('when a service is placed at the same time', async () => {
    const [id, service] = [await hostRow(portolan, envId), await serviceRow(portolan, envId)];
    const client = await portolan.context.database.pool.connect();
    await client.query('begin');
    await client.query(
      `insert into service_deployments (id, service_id, server_id, container_name) values (gen_random_uuid(), $1, $2, 'late')`,
      [service, id],
    );
    const waiting = remove(id);
    await waitsForLock();
    await client.query('commit');
    client.release();
    const answer = await waiting;
    expect([answer.status, answer.body.details.inUseByTotal]).toEqual([409, 1]);
  });
});

/** Until some statement of this database waits for a lock. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const found = await portolan.sql(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (found.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('412', () => {
  test('goes before 409, and leaves it', async () => {
    const id = await hostRow(portolan, envId);
    await placementRow(portolan, await serviceRow(portolan, envId), null, { server_id: id });
    const answer = await remove(id, { headers: { 'if-match': '"7.abc"' } });
    const now = await portolan.call('getServer', { path: { id } });
    expect([answer.status, answer.body.details.currentEtag]).toEqual([412, now.headers.etag]);
  });
});
