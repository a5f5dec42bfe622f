import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { hostRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateServer', { path: { id }, body, ...more });
const pinned = (columns: object = {}) => hostRow(portolan, envId, { host_key_fingerprint: 'SHA256:abc', ...columns });

describe('200', () => {
  test.each([
    ['name', 'renamed'],
    ['hostname', 'web.example.com'],
    ['tags', ['x', 'y']],
    ['tags', []],
    ['metricsMode', 'ssh'],
    ['sshPort', 2222],
  ])('%s: absent keeps, null is refused, %j is set', async (member, value) => {
    const id = await hostRow(portolan, envId, { tags: JSON.stringify(['first']) });
    const before = (await portolan.call('getServer', { path: { id } })).body.server[member];
    expect((await update(id, { publicIp: unique('ip') })).body.server[member]).toEqual(before);
    const refused = await update(id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    expect((await update(id, { [member]: value })).body.server[member]).toEqual(value);
    await portolan.sql('delete from servers where id = $1', [id]);
  });

  test('publicIp: absent keeps, null and "" clear, a value sets', async () => {
    const id = await hostRow(portolan, envId, { public_ip: '203.0.113.7' });
    expect((await update(id, { sshPort: 23 })).body.server.publicIp).toBe('203.0.113.7');
    expect((await update(id, { publicIp: null })).body.server.publicIp).toBeNull();
    expect((await update(id, { publicIp: '203.0.113.8' })).body.server.publicIp).toBe('203.0.113.8');
    expect((await update(id, { publicIp: '' })).body.server.publicIp).toBeNull();
  });

  test('dockerMode: absent keeps, null is refused, a value sets', async () => {
    const id = await hostRow(portolan, envId, { hostname: 'localhost', docker_mode: 'socket' });
    expect((await update(id, { sshPort: 23 })).body.server.dockerMode).toBe('socket');
    expect((await update(id, { dockerMode: null })).status).toBe(400);
    expect((await update(id, { dockerMode: 'ssh' })).body.server.dockerMode).toBe('ssh');
  });

  test('clusterId: absent, null and "" keep that there is none', async () => {
    const id = await hostRow(portolan, envId);
    for (const clusterId of [undefined, null, '']) expect((await update(id, { clusterId })).body.server.clusterId).toBeNull();
  });

  test('hostKeyFingerprint: absent keeps, null forgets it', async () => {
    const id = await pinned();
    expect((await update(id, { tags: ['x'] })).body.server.hostKeyFingerprint).toBe('SHA256:abc');
    expect((await update(id, { hostKeyFingerprint: null })).body.server.hostKeyFingerprint).toBeNull();
  });

  test.each([{ hostname: '10.0.0.6' }, { sshPort: 2222 }])('%j is another host, whose key is not known', async (body) => {
    const id = await pinned();
    expect((await update(id, body)).body.server).toMatchObject({ ...body, hostKeyFingerprint: null });
    const [row] = await portolan.sql('select details from audit_logs where resource_id = $1', [id]);
    expect(row.details.changed).toEqual([...Object.keys(body), 'hostKeyFingerprint']);
    expect(row.details.before.hostKeyFingerprint).toBe('SHA256:abc');
  });

  test('what follows from the hostname follows it', async () => {
    const id = await hostRow(portolan, envId);
    expect((await update(id, { hostname: '127.0.0.1', dockerMode: 'socket' })).body.server).toMatchObject({
      privateIp: '127.0.0.1',
      serverType: 'host',
      dockerMode: 'socket',
    });
    expect((await update(id, { hostname: '10.0.0.9', dockerMode: 'ssh' })).body.server.serverType).toBe('remote');
  });

  test('a patch that changes nothing leaves version, time and history alone', async () => {
    const id = await pinned({ name: unique('same'), tags: JSON.stringify(['x']) });
    const { server } = (await portolan.call('getServer', { path: { id } })).body;
    const answer = await update(id, { name: server.name, hostname: server.hostname, tags: ['x'], sshPort: 22 });
    expect(answer.headers.etag).toMatch(/^"1\./);
    expect(answer.body.server).toEqual(server);
    expect(await portolan.sql('select 1 from audit_logs where resource_id = $1', [id])).toEqual([]);
  });

  test('an Idempotency-Key is acted on once', async () => {
    const id = await hostRow(portolan, envId);
    const headers = { 'idempotency-key': unique('key') };
    await update(id, { sshPort: 23 }, { headers });
    await update(id, { sshPort: 24 });
    const again = await update(id, { sshPort: 23 }, { headers });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect((await portolan.call('getServer', { path: { id } })).body.server.sshPort).toBe(24);
  });
});

describe('400', () => {
  test.each([
    [{ name: '' }, 'name', 'minLength'],
    [{ hostname: 'a b' }, 'hostname', 'pattern'],
    [{ hostKeyFingerprint: 'SHA256:mine' }, 'hostKeyFingerprint', 'pattern'],
    [{ dockerMode: 'socket' }, 'dockerMode', 'inconsistent'],
    [{ clusterId: 'x' }, 'clusterId', 'unknown_reference'],
    [{ sshport: 1 }, 'sshport', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const id = await pinned();
    const answer = await update(id, body);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    expect((await portolan.call('getServer', { path: { id } })).headers.etag).toMatch(/^"1\./);
  });

  test('a socket that would be left on another host', async () => {
    const id = await hostRow(portolan, envId, { hostname: 'localhost', docker_mode: 'socket' });
    const answer = await update(id, { hostname: '10.0.0.5' });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'hostname', 'inconsistent']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await update(id, { name: '' })).status).toBe(404);
  });

  test('a server outside of the token’s environments, also with a bad body', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await update(await hostRow(portolan, envId), { name: '' }, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when the name is taken', async () => {
    const name = unique('taken');
    const taken = await hostRow(portolan, envId, { name });
    const answer = await update(await hostRow(portolan, envId), { name });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'server', id: taken });
  });
});

describe('412', () => {
  test('when If-Match names another version; background changes do not count', async () => {
    const id = await hostRow(portolan, envId);
    const etag = String((await portolan.call('getServer', { path: { id } })).headers.etag);
    await portolan.sql("update servers set status = 'healthy' where id = $1", [id]);
    const headers = { 'if-match': etag };
    expect((await update(id, { sshPort: 23 }, { headers })).status).toBe(200);
    const stale = await update(id, { sshPort: 24 }, { headers });
    const now = await portolan.call('getServer', { path: { id } });
    expect([stale.status, stale.body.details.currentEtag]).toEqual([412, now.headers.etag]);
  });
});

describe('422', () => {
  test.each(['privateIp', 'status', 'serverType', 'metrics', '_count', 'environment', 'serviceDeployments'])(
    '%s is set by Portolan, and nothing is applied',
    async (member) => {
      const id = await hostRow(portolan, envId);
      const answer = await update(id, { [member]: null, sshPort: 99 });
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
      expect((await portolan.call('getServer', { path: { id } })).body.server.sshPort).toBe(22);
    },
  );
});
