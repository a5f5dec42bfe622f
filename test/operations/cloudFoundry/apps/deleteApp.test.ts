import { run } from '../../../jobs/deletions/deleting';
import { service } from '../../../support/catalogue';
import {
  appIn,
  auditOf,
  builtDroplet,
  type Caller,
  type Callers,
  callersOf,
  makeCurrent,
  packageRow,
  suspend,
} from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
import { operationRow } from '../../../support/rows';

let portolan: Portolan;
let space: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const remove = (guid: string, caller: Caller = 'admin') => portolan.call('deleteApp', { path: { guid }, token: callers[caller] });
const jobOf = ({ headers }: Answered) => String(headers.location).split('/').pop() as string;
const problem = ({ status, body }: Answered) => [status, body.errors[0].code];
const tables = { services: 'id', droplets: 'service_id', packages: 'service_id', builds: 'service_id' };
const left = async (id: string) => {
  const found: string[] = [];
  for (const [table, column] of Object.entries(tables)) {
    if ((await portolan.sql(`select from ${table} where ${column} = $1`, [id])).length > 0) found.push(table);
  }
  return found;
};

/** An app with all that can belong to one. */
async function fullApp() {
  const app = await appIn(portolan, space);
  const { id: droplet } = await builtDroplet(portolan, app);
  const packageId = await packageRow(portolan, app);
  await makeCurrent(portolan, droplet);
  for (const [type, id] of Object.entries({ app, process: app, droplet, package: packageId })) {
    await portolan.sql("insert into labels values ($1, $2, '', 'a', 'b')", [type, id]);
    await portolan.sql("insert into annotations values ($1, $2, '', 'a', 'b')", [type, id]);
  }
  return { app, ids: [app, droplet, packageId] };
}
const metadataOf = (ids: string[]) =>
  portolan.sql('select from labels where resource_id = any($1) union all select from annotations where resource_id = any($1)', [
    ids,
  ]);

describe('202', () => {
  test.each(['admin', 'developer'] as const)('for the %s: names the job, which deletes it', async (caller) => {
    const app = await appIn(portolan, space);
    const answer = await remove(app, caller);
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(answer.headers.location).toMatch(/^https:\/\/portolan\.example\/v3\/jobs\/[0-9a-f-]{36}$/);
    expect((await portolan.call('getApp', { path: { guid: app } })).status).toBe(200);
    const job = async () => (await portolan.call('getJob', { path: { guid: jobOf(answer) } })).body;
    expect(await job()).toMatchObject({ operation: 'app.delete', state: 'PROCESSING', links: { app: {} } });
    expect(await run(portolan, jobOf(answer))).toMatchObject({ end: 'deleted' });
    expect(await job()).toMatchObject({ state: 'COMPLETE', errors: [] });
    expect((await job()).links).not.toHaveProperty('app');
    expect((await portolan.call('getApp', { path: { guid: app } })).status).toBe(404);
    expect((await portolan.call('getService', { path: { id: app } })).status).toBe(404);
  });

  test('takes current droplet, packages, labels and annotations along', async () => {
    const { app, ids } = await fullApp();
    await run(portolan, jobOf(await remove(app)));
    expect([await left(app), await metadataOf(ids)]).toEqual([[], []]);
  });

  test('so does deleteService of /api', async () => {
    const { app, ids } = await fullApp();
    expect((await portolan.call('deleteService', { path: { id: app } })).status).toBe(204);
    expect([await left(app), await metadataOf(ids)]).toEqual([[], []]);
  });

  test('so does the deletion of the environment', async () => {
    const envId = await environment(portolan);
    const app = await appIn(portolan, envId);
    await makeCurrent(portolan, (await builtDroplet(portolan, app)).id);
    const answer = await portolan.call('deleteEnvironment', { path: { id: envId }, query: { cascade: true } });
    expect(answer.status).toBe(204);
    expect(await left(app)).toEqual([]);
  });

  test('frees the image', async () => {
    const { id, containerImageId } = await service(portolan, space);
    await run(portolan, jobOf(await remove(id)));
    expect((await portolan.call('deleteContainerImage', { path: { id: containerImageId } })).status).toBe(204);
  });

  test('asked for twice while it waits is one job', async () => {
    const app = await appIn(portolan, space);
    expect(jobOf(await remove(app))).toBe(jobOf(await remove(app)));
  });

  test('meanwhile /api refuses to delete it, and tells why', async () => {
    const app = await appIn(portolan, space);
    const job = jobOf(await remove(app));
    const answer = await portolan.call('deleteService', { path: { id: app } });
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'queued', operationId: job }]);
  });

  test('is audited when it goes', async () => {
    const app = await appIn(portolan, space);
    const { name } = (await portolan.call('getApp', { path: { guid: app } })).body;
    const answer = await remove(app);
    expect(await auditOf(portolan, app)).toEqual([]);
    await run(portolan, jobOf(answer));
    expect(await auditOf(portolan, app)).toMatchObject([
      { action: 'delete', operation_id: 'deleteApp', resource_name: name, details: { cfType: 'audit.app.delete-request' } },
    ]);
  });
});

test('401 without a credential', async () => {
  expect(problem(await remove(await appIn(portolan, space), 'anonymous'))).toEqual([401, 10002]);
});

describe('403', () => {
  test.each(['reader', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    expect(problem(await remove(await appIn(portolan, space), caller))).toEqual([403, 10003]);
  });

  test('while the installation is suspended, but for an admin', async () => {
    const app = await appIn(portolan, space);
    await suspend(portolan, true);
    try {
      expect(problem(await remove(app, 'developer'))).toEqual([403, 10017]);
      expect((await remove(app, 'admin')).status).toBe(202);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    const answer = await remove(guid);
    expect([problem(answer), answer.body.errors[0].detail]).toEqual([[404, 10010], 'App not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await remove(await appIn(portolan, space), 'outside'))).toEqual([404, 10010]);
  });
});

describe('422', () => {
  test.each(['queued', 'running'])('while an operation on it is %s', async (state) => {
    const app = await appIn(portolan, space);
    const belongs = { resource_type: 'service', resource_id: app, environment_id: space };
    await operationRow(portolan, { kind: 'deploy.run', state, ...belongs });
    const answer = await remove(app);
    expect(problem(answer)).toEqual([422, 10008]);
    expect(answer.body.errors[0].detail).toContain('deploy.run');
    expect(await left(app)).toEqual(['services']);
  });
});
