import { uuidv7 } from 'uuidv7';
import { startProcessWorker } from '../../../src/commands/worker';
import { jobErrorOf } from '../../../src/domain/cloudFoundry/deletion';
import { runDeletion } from '../../../src/jobs/deletions/runDeletion';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { until } from '../../support/registry/scene';
import { imageRow, operationRow, placementRow, serviceRow } from '../../support/rows';
import { ask, run, somebody } from './deleting';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const insert = async (table: string, columns: Record<string, unknown>): Promise<string> => {
  const row = { id: uuidv7(), ...columns };
  const names = Object.keys(row);
  const slots = names.map((_, index) => `$${index + 1}`).join(', ');
  await portolan.sql(`insert into ${table} (${names.join(', ')}) values (${slots})`, Object.values(row));
  return row.id;
};
const of = (serviceId: string) => ({ environment_id: envId, service_id: serviceId });
const droplet = (serviceId: string, columns = {}) => insert('droplets', { ...of(serviceId), ...columns });
const pack = (serviceId: string) => insert('packages', { ...of(serviceId), image: 'ghcr.io/acme/shop' });
const label = (type: string, id: string) => portolan.sql(`insert into labels values ($1, $2, '', 'a', 'b')`, [type, id]);
const makeCurrent = (serviceId: string, id: string | null) =>
  portolan.sql('update services set current_droplet_id = $2 where id = $1', [serviceId, id]);
const count = async (table: string, column: string, id: string): Promise<number> =>
  (await portolan.sql<any>(`select count(*) as n from ${table} where ${column} = $1`, [id]))[0].n;
const operation = async (id: string) => (await portolan.sql<any>('select * from operations where id = $1', [id]))[0];
const audits = (id: string) => portolan.sql<any>("select * from audit_logs where resource_id = $1 and action = 'delete'", [id]);
const events = (id: string) =>
  portolan.sql<any>(`select type, data::json->>'state' as state from events where data like '%' || $1 || '%' order by seq`, [id]);

const askForDroplet = (resourceId: string) =>
  ask(portolan, { kind: 'droplet.delete', resourceType: 'droplet', resourceId, environmentId: envId });
const askForApp = (resourceId: string) =>
  ask(portolan, { kind: 'app.delete', resourceType: 'service', resourceId, environmentId: envId });

describe('asking', () => {
  test('an operation waits that cannot be cancelled, and a job beside it', async () => {
    const id = await droplet(await serviceRow(portolan, envId));
    const operationId = await askForDroplet(id);
    expect(await operation(operationId)).toMatchObject({
      kind: 'droplet.delete',
      state: 'queued',
      cancellable: false,
      resource_type: 'droplet',
      resource_id: id,
      environment_id: envId,
      created_by_type: 'user',
      created_by_id: somebody.id,
      created_by_name: 'Ada',
    });
    const jobs = await portolan.sql('select task_identifier from graphile_worker.jobs where key = $1', [
      `runDeletion:${operationId}`,
    ]);
    expect(jobs).toEqual([{ task_identifier: 'runDeletion' }]);
    expect(await events(operationId)).toEqual([{ type: 'operation', state: 'queued' }]);
    expect((await portolan.call('cancelOperation', { path: { id: operationId } })).status).toBe(409);
  });

  test('asking again while it waits is asking once', async () => {
    const id = await droplet(await serviceRow(portolan, envId));
    const operationId = await askForDroplet(id);
    expect(await askForDroplet(id)).toBe(operationId);
    expect(await run(portolan, operationId)).toMatchObject({ end: 'deleted' });
    expect(await askForDroplet(id)).not.toBe(operationId);
  });
});

describe('a droplet', () => {
  test('goes with its labels; the operation succeeds and both are told of', async () => {
    const id = await droplet(await serviceRow(portolan, envId));
    await label('droplet', id);
    const operationId = await askForDroplet(id);
    let announced = 0;
    expect(await run(portolan, operationId, () => announced++)).toEqual({ operationId, end: 'deleted' });
    expect(announced).toBe(1);
    expect([await count('droplets', 'id', id), await count('labels', 'resource_id', id)]).toEqual([0, 0]);
    expect(await operation(operationId)).toMatchObject({ state: 'succeeded', error: null });
    expect((await events(operationId)).map((event: any) => event.state)).toEqual(['queued', 'succeeded']);
    expect(await audits(id)).toMatchObject([
      {
        operation_id: 'deleteDroplet',
        resource_type: 'droplet',
        resource_name: 'shop',
        environment_id: envId,
        user_id: somebody.id,
        user_email: 'ada@example.com',
        request_id: 'req_ask',
        details: { cfType: 'audit.app.droplet.delete', operationId },
      },
    ]);
    const shown = await portolan.call('getOperation', { path: { id: operationId } });
    expect(shown.body.operation).toMatchObject({ state: 'succeeded', kind: 'droplet.delete' });
  });

  test('that became current meanwhile stays, and the operation fails in the words of the refusal', async () => {
    const serviceId = await serviceRow(portolan, envId);
    const id = await droplet(serviceId);
    const operationId = await askForDroplet(id);
    await makeCurrent(serviceId, id);
    expect(await run(portolan, operationId)).toEqual({ operationId, end: 'failed' });
    expect(await count('droplets', 'id', id)).toBe(1);
    expect(await audits(id)).toEqual([]);
    const shown = await portolan.call('getOperation', { path: { id: operationId } });
    expect(shown.body.operation).toMatchObject({ state: 'failed', error: { code: 'CONFLICT', requestId: 'req_ask' } });
    const error = jobErrorOf(shown.body.operation.error);
    expect(error).toMatchObject({ code: 10008, title: 'CF-UnprocessableEntity' });
    expect(error.detail).toContain(serviceId);
    expect(shown.body.operation.finishedAt).not.toBeNull();
  });

  test('that is being made current waits for which of both was first', async () => {
    const serviceId = await serviceRow(portolan, envId);
    const id = await droplet(serviceId);
    const operationId = await askForDroplet(id);
    const client = await portolan.context.database.pool.connect();
    try {
      await client.query('begin');
      await client.query('update services set current_droplet_id = $2 where id = $1', [serviceId, id]);
      const ran = run(portolan, operationId);
      const isWaiting = () =>
        portolan.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()");
      while ((await isWaiting()).length === 0) await new Promise(setImmediate);
      await client.query('commit');
      expect(await ran).toMatchObject({ end: 'failed' });
    } finally {
      client.release();
    }
    expect(jobErrorOf((await operation(operationId)).error)).toMatchObject({ code: 10008 });
  });
});

test('a package goes; its droplets stay and lose their link', async () => {
  const serviceId = await serviceRow(portolan, envId);
  const packageId = await pack(serviceId);
  const dropletId = await droplet(serviceId, { package_id: packageId });
  const wish = { kind: 'package.delete', resourceType: 'package', resourceId: packageId, environmentId: envId } as const;
  const operationId = await ask(portolan, wish);
  expect(await run(portolan, operationId)).toEqual({ operationId, end: 'deleted' });
  expect(await count('packages', 'id', packageId)).toBe(0);
  expect(await portolan.sql('select package_id from droplets where id = $1', [dropletId])).toEqual([{ package_id: null }]);
  expect(await audits(packageId)).toMatchObject([{ details: { cfType: 'audit.app.package.delete' } }]);
});

describe('an app', () => {
  test('goes with current droplet, packages, builds, placements and labels; nothing is left behind', async () => {
    const imageId = await imageRow(portolan, envId);
    const serviceId = await serviceRow(portolan, envId, { container_image_id: imageId });
    const packageId = await pack(serviceId);
    const dropletId = await droplet(serviceId, { package_id: packageId });
    await droplet(serviceId, { package_id: packageId });
    const build = { ...of(serviceId), package_id: packageId, droplet_id: dropletId };
    const by = { created_by_type: 'user', created_by_name: 'x', created_by_email: 'x@example.com' };
    const buildId = await insert('builds', { ...build, ...by });
    await makeCurrent(serviceId, dropletId);
    await placementRow(portolan, serviceId, null);
    await label('app', serviceId);
    await label('process', serviceId);
    await label('package', packageId);
    await label('droplet', dropletId);
    await label('build', buildId);
    const operationId = await askForApp(serviceId);
    expect(await run(portolan, operationId)).toEqual({ operationId, end: 'deleted' });
    for (const table of ['droplets', 'packages', 'builds', 'service_deployments']) {
      expect([table, await count(table, 'service_id', serviceId)]).toEqual([table, 0]);
    }
    expect(await count('services', 'id', serviceId)).toBe(0);
    for (const id of [serviceId, packageId, dropletId, buildId]) expect(await count('labels', 'resource_id', id)).toBe(0);
    expect(await audits(serviceId)).toMatchObject([
      { operation_id: 'deleteApp', resource_type: 'service', details: { cfType: 'audit.app.delete-request' } },
    ]);
    expect((await portolan.call('deleteContainerImage', { path: { id: imageId } })).status).toBe(204);
  });

  test('on which an operation began meanwhile stays', async () => {
    const serviceId = await serviceRow(portolan, envId);
    const operationId = await askForApp(serviceId);
    await operationRow(portolan, { kind: 'deploy.run', resource_type: 'service', resource_id: serviceId, environment_id: envId });
    expect(await run(portolan, operationId)).toEqual({ operationId, end: 'failed' });
    expect((await operation(operationId)).error.message).toContain('deploy.run');
    expect(await count('services', 'id', serviceId)).toBe(1);
  });
});

describe('however often it runs', () => {
  test('once it has ended it does nothing', async () => {
    const id = await droplet(await serviceRow(portolan, envId));
    const operationId = await askForDroplet(id);
    await run(portolan, operationId);
    const before = await operation(operationId);
    expect(await run(portolan, operationId)).toEqual({ operationId, end: 'ended' });
    expect(await operation(operationId)).toEqual(before);
    expect(await audits(id)).toHaveLength(1);
  });

  test('twice at the same time it deletes once', async () => {
    const id = await droplet(await serviceRow(portolan, envId));
    const operationId = await askForDroplet(id);
    const reports = await Promise.all([run(portolan, operationId), run(portolan, operationId)]);
    expect(reports.map(({ end }) => end).sort()).toEqual(['deleted', 'ended']);
    expect(await audits(id)).toHaveLength(1);
  });

  test('what is gone already is what was wanted, and was deleted by somebody else', async () => {
    const serviceId = await serviceRow(portolan, envId);
    const id = await droplet(serviceId);
    const operationId = await askForDroplet(id);
    await portolan.sql('delete from services where id = $1', [serviceId]);
    expect(await run(portolan, operationId)).toEqual({ operationId, end: 'gone' });
    expect(await operation(operationId)).toMatchObject({ state: 'succeeded' });
    expect(await audits(id)).toEqual([]);
  });

  test('an operation that went with its environment is nothing to do', async () => {
    const operationId = uuidv7();
    expect(await run(portolan, operationId)).toEqual({ operationId, end: 'ended' });
  });
});

describe('what goes wrong', () => {
  test('a defect fails the operation without telling what it is, and is thrown on for the log', async () => {
    const serviceId = await serviceRow(portolan, envId);
    const operationId = await askForApp(serviceId);
    const trap = unique('trap').replaceAll('-', '_');
    await portolan.sql(`create function ${trap}() returns trigger language plpgsql as $$ begin raise 'inner words'; end $$`);
    await portolan.sql(`create trigger ${trap} before delete on services for each row execute function ${trap}()`);
    try {
      await expect(run(portolan, operationId)).rejects.toThrow('inner words');
    } finally {
      await portolan.sql(`drop function ${trap} cascade`);
    }
    const { state, error } = await operation(operationId);
    expect([state, jobErrorOf(error)]).toEqual([
      'failed',
      { code: 10001, title: 'UnknownError', detail: 'An unknown error occurred.' },
    ]);
    expect(await count('services', 'id', serviceId)).toBe(1);
    expect(await run(portolan, operationId)).toMatchObject({ end: 'ended' });
  });

  test('a database that goes away leaves it to the next try', async () => {
    const id = await droplet(await serviceRow(portolan, envId));
    const operationId = await askForDroplet(id);
    const { database } = portolan.context;
    const away = { ...database, transact: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })) };
    await expect(runDeletion({ database: away, announce: () => {} }, operationId)).rejects.toThrow('away');
    expect(await operation(operationId)).toMatchObject({ state: 'queued' });
    expect(await run(portolan, operationId)).toMatchObject({ end: 'deleted' });
  });
});

test('the worker of a process does what was asked for', async () => {
  const id = await droplet(await serviceRow(portolan, envId));
  const operationId = await askForDroplet(id);
  const worker = await startProcessWorker(portolan.context, { pollMs: 50 });
  try {
    await until(
      () => operation(operationId),
      ({ state }) => state === 'succeeded',
    );
  } finally {
    await worker.stop();
  }
  expect(await count('droplets', 'id', id)).toBe(0);
});
