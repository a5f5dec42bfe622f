import { placement, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { keysNamedBy } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const update = (made: { id: string; serviceId: string }, body: unknown, more: object = {}) =>
  portolan.call('updateServiceDeployment', { path: { id: made.serviceId, depId: made.id }, body, ...more });
const place = async (members: Record<string, unknown> = {}) => placement(portolan, (await service(portolan, envId)).id, members);
const audited = (id: string) =>
  portolan.sql("select * from audit_logs where resource_id = $1 and action = 'update' order by id", [id]);

describe('200', () => {
  test('all members at once; the answer is what is read afterwards', async () => {
    const made = await place();
    const body = { containerName: 'other', composePath: '/opt/other.yml', envOverrides: { B: '2' } };
    const answer = await update(made, body);
    expect(answer.body.deployment).toEqual({ ...made, ...body, updatedAt: expect.any(String) });
    expect(answer.headers.etag).toMatch(/^"2\./);
    const path = { id: made.serviceId, depId: made.id };
    expect((await portolan.call('getServiceDeployment', { path })).body).toEqual(answer.body);
  });

  test('containerName: absent keeps, null and "" are refused, a value sets', async () => {
    const made = await place({ containerName: 'first' });
    expect((await update(made, { composePath: '/x' })).body.deployment.containerName).toBe('first');
    for (const containerName of [null, '']) {
      const refused = await update(made, { containerName });
      expect([refused.status, refused.body.field]).toEqual([400, 'containerName']);
    }
    expect((await update(made, { containerName: 'second' })).body.deployment.containerName).toBe('second');
  });

  test('composePath: absent keeps, null and "" clear, a value sets', async () => {
    const made = await place({ composePath: '/first' });
    const changed = async (body: object) => (await update(made, body)).body.deployment.composePath;
    expect(await changed({ envOverrides: { A: '1' } })).toBe('/first');
    expect(await changed({ composePath: null })).toBeNull();
    expect(await changed({ composePath: '/second' })).toBe('/second');
    expect(await changed({ composePath: '' })).toBeNull();
  });

  test('envOverrides: absent keeps, null and {} clear, a map replaces the whole old one', async () => {
    const made = await place({ envOverrides: { A: '1', B: '2' } });
    const changed = async (body: object) => (await update(made, body)).body.deployment.envOverrides;
    expect(await changed({ composePath: '/x' })).toEqual({ A: '1', B: '2' });
    expect(await changed({ envOverrides: { C: '' } })).toEqual({ C: '' });
    expect(await changed({ envOverrides: null })).toEqual({});
    expect(await changed({ envOverrides: { D: 'x'.repeat(32 * 1024) } })).toEqual({ D: 'x'.repeat(32 * 1024) });
    expect(await changed({ envOverrides: {} })).toEqual({});
  });

  test('without a change: no new version, no audit row', async () => {
    const made = await place({ composePath: '/x', envOverrides: { A: '1', B: '2' } });
    const { containerName } = made;
    for (const body of [{}, { containerName, composePath: '/x', envOverrides: { B: '2', A: '1' } }]) {
      const answer = await update(made, body);
      expect([answer.status, answer.body.deployment]).toEqual([200, made]);
      expect(answer.headers.etag).toMatch(/^"1\./);
    }
    expect(await audited(made.id)).toEqual([]);
  });

  test('the audit names what changed, and variables by key only', async () => {
    const made = await place({ envOverrides: { OLD: 'canary-1' } });
    await update(made, { envOverrides: { NEW: 'canary-2' }, composePath: '/x' });
    const rows = await audited(made.id);
    expect(rows).toMatchObject([{ operation_id: 'updateServiceDeployment', environment_id: envId }]);
    expect(rows[0].details).toEqual({
      changed: ['composePath', 'envOverrides'],
      before: { composePath: null, envOverrides: ['OLD'] },
      after: { composePath: '/x', envOverrides: ['NEW'] },
    });
    expect(JSON.stringify(rows)).not.toContain('canary');
  });

  test('what hosts and deploys set stays', async () => {
    const made = await place();
    await portolan.sql("update service_deployments set status = 'healthy', running_digest = 'sha256:1' where id = $1", [made.id]);
    const { deployment } = (await update(made, { containerName: 'renamed' })).body;
    expect(deployment).toMatchObject({ status: 'healthy', runningDigest: 'sha256:1' });
  });

  test('an Idempotency-Key changes it once', async () => {
    const made = await place();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(made, { composePath: '/once' }, { headers });
    const again = await update(made, { composePath: '/once' }, { headers });
    expect([again.headers['idempotent-replayed'], again.body]).toEqual(['true', first.body]);
    expect(await audited(made.id)).toHaveLength(1);
  });

  test('the keys that it names follow its variables', async () => {
    const made = await place({ envOverrides: { A: '${A_KEY}' } });
    const keys = async (body: object) => {
      await update(made, body);
      return (await keysNamedBy(portolan, made.serviceId)).placements;
    };
    expect(await keys({ composePath: '/x' })).toEqual(['A_KEY']);
    expect(await keys({ envOverrides: { A: '${B_KEY}' } })).toEqual(['B_KEY']);
    expect(await keys({ envOverrides: null })).toEqual([]);
  });
});

describe('400', () => {
  test.each([
    ['composePath', { composePath: 'relative' }],
    ['containerName', { containerName: '.x' }],
    ['envOverrides', { envOverrides: { 'a-b': '' } }],
    ['envOverrides', { envOverrides: ['x'] }],
    ['composepath', { composepath: '/x' }],
  ])('%s: %j changes nothing', async (field, body) => {
    const made = await place();
    const answer = await update(made, { ...body, envOverrides: 'envOverrides' in body ? body.envOverrides : { A: '1' } });
    expect(answer.status).toBe(400);
    expect(answer.body.field.startsWith(field)).toBe(true);
    const path = { id: made.serviceId, depId: made.id };
    expect((await portolan.call('getServiceDeployment', { path })).body.deployment).toEqual(made);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    const made = await place();
    expect((await update({ ...made, id }, { composePath: '/x' })).status).toBe(404);
    expect((await update({ ...made, id }, { composePath: 1 })).status).toBe(404);
    expect((await update({ ...made, serviceId: id }, { composePath: '/x' })).status).toBe(404);
  });

  test('a placement of another service, or outside a token’s environments', async () => {
    const made = await place();
    expect((await update({ ...made, serviceId: (await place()).serviceId }, { composePath: '/x' })).status).toBe(404);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await update(made, { composePath: '/x' }, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when another placement on the server has the container name; its own is no conflict', async () => {
    const first = await place({ containerName: 'taken' });
    const second = await place({ serverId: first.serverId });
    const answer = await update(second, { containerName: 'taken' });
    expect([answer.status, answer.body.field]).toEqual([409, 'containerName']);
    expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_deployment', id: first.id } });
    expect((await update(first, { containerName: 'taken', composePath: '/x' })).status).toBe(200);
  });

  test('of two that take one name at once, for one', async () => {
    const first = await place();
    const second = await place({ serverId: first.serverId });
    const answers = await Promise.all([first, second].map((made) => update(made, { containerName: 'wanted-by-both' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.field).toBe('containerName');
  });
});

describe('412', () => {
  test('when If-Match names another version; what hosts tell does not defeat it', async () => {
    const made = await place();
    await update(made, { composePath: '/x' });
    expect((await update(made, { composePath: '/y' }, { headers: { 'if-match': '"1.x"' } })).status).toBe(412);
    await portolan.sql("update service_deployments set status = 'healthy' where id = $1", [made.id]);
    expect((await update(made, { composePath: '/y' }, { headers: { 'if-match': '"2.x"' } })).status).toBe(200);
  });
});

describe('422', () => {
  test.each([
    ['serverId', 'createServiceDeployment'],
    ['serviceId', 'path'],
    ['status', 'host'],
    ['imageDigestId', 'Deploys'],
    ['exposedPorts', 'compose file'],
  ])('%s, with a hint', async (member, hint) => {
    const answer = await update(await place(), { [member]: 'x' });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
    expect(answer.body.hint).toContain(hint);
  });
});
