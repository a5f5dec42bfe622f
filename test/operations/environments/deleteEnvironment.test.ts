import { uuidv7 } from 'uuidv7';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow, operationRow, placementRow, registryRow, serverRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteEnvironment', { path: { id }, ...more });
const cascade = (id: string, more: object = {}) => remove(id, { query: { cascade: true }, ...more });
const statusNow = async (id: string) => (await portolan.call('getEnvironment', { path: { id } })).status;

/** One object of each kind, and what binds them together. */
async function furnish(id: string) {
  const registryId = await registryRow(portolan, id, { name: 'ghcr' });
  const imageId = await imageRow(portolan, id, { name: 'Shop', registry_connection_id: registryId });
  const serviceId = await serviceRow(portolan, id, { name: 'shop', container_image_id: imageId });
  const serverId = await serverRow(portolan, serviceId, 'web-1');
  const placementId = await placementRow(portolan, serviceId, null, { server_id: serverId });
  const [varId, secretId, fragmentId, fileId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  await portolan.sql(`
    insert into vars (id, environment_id, key, value) values ('${varId}', '${id}', 'PORT', '80');
    insert into secrets (id, environment_id, key, value_sealed) values ('${secretId}', '${id}', 'TOKEN', 'v1.k1.x.y');
    insert into config_fragments (id, environment_id, name, content) values ('${fragmentId}', '${id}', 'head', '');
    insert into config_files (id, environment_id, name, filename, content, file_size, checksum, language)
      values ('${fileId}', '${id}', 'app', 'app.conf', '', 0, 'none', 'text');
    insert into config_file_fragments (config_file_id, position, fragment_id) values ('${fileId}', 0, '${fragmentId}');
    insert into service_files (id, service_id, config_file_id, service_deployment_id, target_path)
      values (gen_random_uuid(), '${serviceId}', '${fileId}', '${placementId}', '/app.conf');
    insert into server_metrics (id, server_id, collected_at, source) values (gen_random_uuid(), '${serverId}', now(), 'ssh');
    insert into health_logs (id, environment_id, resource_type, resource_id, resource_name, check_type, status)
      values (gen_random_uuid(), '${id}', 'server', '${serverId}', 'web-1', 'ssh', 'success');`);
  return { registryId, imageId, serviceId, serverId, varId, secretId, fragmentId, fileId };
}

describe('204', () => {
  test('an empty one is gone, a second delete finds nothing, and its name is free', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    const answer = await remove(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([await statusNow(id), (await remove(id)).status]).toEqual([404, 404]);
    expect((await portolan.call('createEnvironment', { body: { name } })).status).toBe(201);
  });

  test('with cascade everything in it goes, and only there', async () => {
    const [id, other] = [await environment(portolan), await environment(portolan)];
    await operationRow(portolan, { environment_id: id, state: 'succeeded' });
    await furnish(id);
    const kept = await furnish(other);
    expect((await cascade(id)).status).toBe(204);
    const tables = ['registries', 'container_images', 'services', 'operations', 'servers', 'vars', 'secrets'];
    for (const table of [...tables, 'config_fragments', 'config_files', 'health_logs']) {
      expect(await portolan.sql(`select 1 from ${table} where environment_id = $1`, [id])).toEqual([]);
    }
    expect(await portolan.sql("select 1 from list_counts where environment_id = $1 and list <> 'audit_logs'", [id])).toEqual([]);
    expect((await portolan.call('getRegistry', { path: { id: kept.registryId } })).status).toBe(200);
    expect((await portolan.call('listRegistries', { path: { envId: other } })).body.total).toBe(1);
  });

  test('the audit row outlives it, and says that containers keep running', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    await furnish(id);
    await cascade(id);
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toMatchObject([
      {
        action: 'delete',
        resource_type: 'environment',
        resource_name: name,
        environment_id: id,
        environment_name: name,
        details: {
          cascade: true,
          deleted: {
            services: 1,
            registries: 1,
            containerImages: 1,
            servers: 1,
            vars: 1,
            secrets: 1,
            configFragments: 1,
            configFiles: 1,
          },
          note: expect.stringContaining('keep running'),
        },
      },
    ]);
    const empty = await environment(portolan);
    await remove(empty);
    const [row] = await portolan.sql('select details from audit_logs where resource_id = $1', [empty]);
    expect(row.details).toEqual({ cascade: false });
  });

  test('a token of it sees nothing from then on', async () => {
    const id = await environment(portolan);
    const own = await token(portolan, { environments: [id] });
    expect((await portolan.call('listEnvironments', { token: own.token })).body.total).toBe(1);
    expect((await cascade(id, { token: own.token })).status).toBe(204);
    const me = await portolan.call('getCurrentPrincipal', { token: own.token });
    expect([me.body.allEnvironments, me.body.environments]).toEqual([false, []]);
    expect((await portolan.call('listEnvironments', { token: own.token })).body.total).toBe(0);
  });

  test('finished operations do not hold it', async () => {
    const id = await environment(portolan);
    for (const state of ['succeeded', 'failed', 'cancelled']) await operationRow(portolan, { environment_id: id, state });
    await operationRow(portolan, { environment_id: await environment(portolan), state: 'running' });
    expect((await remove(id)).status).toBe(204);
  });

  test('a repeat with its Idempotency-Key is 204 again; cascade is part of the request', async () => {
    const id = await environment(portolan);
    const headers = { 'idempotency-key': unique('key') };
    await remove(id, { headers });
    const again = await remove(id, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
    expect((await cascade(id, { headers })).status).toBe(404);
  });
});

describe('400', () => {
  test.each([
    [{ query: { cascade: 'yes' } }, 'cascade', 'type'],
    [{ query: 'cascade' }, 'cascade', 'type'],
    [{ query: { casade: true } }, 'casade', 'unknown_parameter'],
    [{ headers: { 'if-match': 'x' } }, 'If-Match', 'format'],
  ])('%j', async (call, field, code) => {
    const id = await environment(portolan);
    const answer = await remove(id, call);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    expect(await statusNow(id)).toBe(200);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await remove(id, { query: { cascade: 'yes' } })).status).toBe(404);
  });

  test('an environment outside of the token’s stays', async () => {
    const id = await environment(portolan);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await cascade(id, { token: other.token })).status).toBe(404);
    expect(await statusNow(id)).toBe(200);
  });
});

describe('409', () => {
  test('while it holds anything, which is named', async () => {
    const id = await environment(portolan);
    const { registryId, imageId, serviceId, serverId, varId, secretId, fragmentId, fileId } = await furnish(id);
    for (const query of [{}, { cascade: false }]) {
      const answer = await remove(id, { query });
      expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
      expect(answer.body.details).toEqual({
        inUseBy: [
          { type: 'config_file', id: fileId, name: 'app' },
          { type: 'config_fragment', id: fragmentId, name: 'head' },
          { type: 'container_image', id: imageId, name: 'Shop' },
          { type: 'registry', id: registryId, name: 'ghcr' },
          { type: 'secret', id: secretId, name: 'TOKEN' },
          { type: 'server', id: serverId, name: 'web-1' },
          { type: 'service', id: serviceId, name: 'shop' },
          { type: 'var', id: varId, name: 'PORT' },
        ],
        inUseByTotal: 8,
      });
    }
    expect(await statusNow(id)).toBe(200);
    expect(await portolan.sql('select 1 from audit_logs where resource_id = $1', [id])).toEqual([]);
  });

  test('at most 50 objects are named, all are counted', async () => {
    const id = await environment(portolan);
    await portolan.sql(
      `insert into services (id, environment_id, name) select gen_random_uuid(), $1, 'service-' || n from generate_series(1, 60) n`,
      [id],
    );
    await registryRow(portolan, id, { name: 'ghcr' });
    const { details } = (await remove(id)).body;
    expect([details.inUseBy.length, details.inUseByTotal]).toEqual([50, 61]);
    expect(details.inUseBy[0].name).toBe('ghcr');
  });

  test.each(['queued', 'running'])('while an operation is %s, also with cascade', async (state) => {
    const id = await environment(portolan);
    const operationId = await operationRow(portolan, { environment_id: id, state });
    const answer = await cascade(id);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({
      inUseBy: [{ type: 'operation', id: operationId, name: 'registry.checkUpdates' }],
      inUseByTotal: 1,
    });
    expect(await statusNow(id)).toBe(200);
  });

  test('for the environment of the installation, also with cascade', async () => {
    const [{ id }] = (await portolan.call('listEnvironments', { query: { name: 'management' } })).body.environments;
    for (const answer of [await remove(id), await cascade(id)]) {
      expect([answer.status, answer.body.details]).toEqual([409, { state: 'protected' }]);
    }
  });

  test('when something is added at the same time', async () => {
    const id = await environment(portolan);
    const client = await portolan.context.database.pool.connect();
    await client.query('begin');
    await client.query(`insert into services (id, environment_id, name) values (gen_random_uuid(), $1, 'late')`, [id]);
    const waiting = remove(id);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.query('commit');
    client.release();
    const answer = await waiting;
    expect([answer.status, answer.body.details.inUseByTotal]).toEqual([409, 1]);
    expect(await portolan.sql('select 1 from services where environment_id = $1', [id])).toHaveLength(1);
  });

  test('never, when creates and deletes meet: each environment is gone or has its registry', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => environment(portolan)));
    const body = { name: 'ghcr', type: 'generic', registryUrl: 'ghcr.io' };
    await Promise.all(
      ids.map(async (id, index) => {
        const [gone, made] = await Promise.all([
          index % 2 === 0 ? remove(id) : cascade(id),
          portolan.call('createRegistry', { path: { envId: id }, body }),
        ]);
        const outcome = `${gone.status} ${made.status}`;
        expect(index % 2 === 0 ? ['204 404', '409 201'] : ['204 404', '204 201']).toContain(outcome);
        expect(await statusNow(id)).toBe(gone.status === 204 ? 404 : 200);
      }),
    );
    const [left] = await portolan.sql(
      'select count(*) as n from list_counts where list <> $2 and environment_id = any($1) and not exists (select from environments where id = environment_id)',
      [ids, 'audit_logs'],
    );
    expect(left.n).toBe(0);
  });
});

describe('412', () => {
  test('goes before 409', async () => {
    const id = await environment(portolan);
    await furnish(id);
    const answer = await remove(id, { headers: { 'if-match': '"9.x"' } });
    expect(answer.status).toBe(412);
    expect(answer.body.details.currentEtag).toBe((await portolan.call('getEnvironment', { path: { id } })).headers.etag);
    const etag = String(answer.body.details.currentEtag);
    expect((await cascade(id, { headers: { 'if-match': etag } })).status).toBe(204);
  });
});
