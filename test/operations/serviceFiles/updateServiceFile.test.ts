import { placement, service } from '../../support/catalogue';
import { attachment, configFile } from '../../support/configFiles';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
let serviceId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serviceId = (await service(portolan, envId)).id;
});
afterAll(() => portolan.close());

const update = (fileId: string, body: unknown, more: object = {}) =>
  portolan.call('updateServiceFile', { path: { serviceId, fileId }, body, ...more });
const attached = async (members: object = {}) => attachment(portolan, serviceId, (await configFile(portolan, envId)).id, members);
const read = async (fileId: string) => portolan.call('getServiceFile', { path: { serviceId, fileId } });
const audits = async (id: string) => portolan.sql("select * from audit_logs where resource_id = $1 and action = 'update'", [id]);

describe('200', () => {
  test('another path, by the id of the attachment and by that of the file', async () => {
    const made = await attached();
    for (const fileId of [made.id, made.configFileId]) {
      const targetPath = `/srv/${unique('path')}`;
      const answer = await update(fileId, { targetPath });
      expect(answer.body.serviceFile).toEqual({ ...made, targetPath, updatedAt: expect.any(String) });
      expect((await read(made.id)).body).toEqual(answer.body);
    }
  });

  test('an override by its own id; the base attachment of the file stays', async () => {
    const base = await attached();
    const placed = await placement(portolan, serviceId);
    const override = await attachment(portolan, serviceId, base.configFileId, { serviceDeploymentId: placed.id });
    expect((await update(override.id, { targetPath: base.targetPath })).body.serviceFile.targetPath).toBe(base.targetPath);
    expect((await read(base.id)).body.serviceFile).toEqual(base);
  });

  test.each([{}, 'same'])('%j: nothing changes, no version and no audit row', async (body) => {
    const made = await attached();
    const before = await read(made.id);
    const answer = await update(made.id, body === 'same' ? { targetPath: made.targetPath } : body);
    expect([answer.status, answer.body, answer.headers.etag]).toEqual([200, before.body, before.headers.etag]);
    expect(await audits(made.id)).toEqual([]);
  });

  test('one audit row with both paths; the version counts up', async () => {
    const made = await attached();
    const answer = await update(made.id, { targetPath: '/audited' });
    expect(answer.headers.etag).toMatch(/^"2\./);
    const rows = await audits(made.id);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ operation_id: 'updateServiceFile', resource_type: 'service_file', environment_id: envId });
    expect(rows[0].details).toEqual({
      changed: ['targetPath'],
      before: { targetPath: made.targetPath },
      after: { targetPath: '/audited' },
    });
  });
});

describe('400', () => {
  test.each(['a', '/a/../b', '/a/', null, '', 1])('targetPath %j', async (targetPath) => {
    const made = await attached();
    const answer = await update(made.id, { targetPath });
    expect([answer.status, answer.body.field]).toEqual([400, 'targetPath']);
  });

  test('a malformed If-Match', async () => {
    const made = await attached();
    const answer = await update(made.id, { targetPath: '/x' }, { headers: { 'if-match': 'x' } });
    expect([answer.status, answer.body.field]).toEqual([400, 'If-Match']);
  });
});

test('403 for a viewer, and for a token without the scope', async () => {
  const made = await attached();
  const viewer = await token(portolan, { role: 'viewer' });
  expect((await update(made.id, {}, { token: viewer.token })).body.code).toBe('FORBIDDEN_ROLE');
  const other = await token(portolan, { role: 'operator', scopes: ['configs:read'] });
  expect((await update(made.id, {}, { token: other.token })).body.code).toBe('FORBIDDEN_SCOPE');
});

test('404 for what is not attached to this service, also with a bad body', async () => {
  const other = await service(portolan, envId);
  const elsewhere = await attachment(portolan, other.id, (await configFile(portolan, envId)).id);
  for (const fileId of ['example', '01920000-0000-7000-8000-000000000000', elsewhere.id, elsewhere.configFileId]) {
    expect((await update(fileId, { targetPath: 1 })).status).toBe(404);
  }
});

describe('409', () => {
  test('targetPath is taken at this level, not at another', async () => {
    const [one, two] = [await attached(), await attached()];
    const placed = await placement(portolan, serviceId);
    const override = await attached({ serviceDeploymentId: placed.id });
    const answer = await update(two.id, { targetPath: one.targetPath });
    expect([answer.status, answer.body.field]).toEqual([409, 'targetPath']);
    expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_file', id: one.id } });
    expect((await update(two.id, { targetPath: override.targetPath })).status).toBe(200);
  });

  test('of two that move to one path at once, for one', async () => {
    const all = [await attached(), await attached(), await attached()];
    const statuses = (await Promise.all(all.map(({ id }) => update(id, { targetPath: '/contested' })))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, 409, 409]);
  });
});

test('412 when somebody else was faster', async () => {
  const made = await attached();
  const { etag } = (await read(made.id)).headers;
  await update(made.id, { targetPath: '/faster' });
  const late = await update(made.id, { targetPath: '/late' }, { headers: { 'if-match': String(etag) } });
  expect([late.status, (await read(made.id)).body.serviceFile.targetPath]).toEqual([412, '/faster']);
});

test('413, 415', async () => {
  const made = await attached();
  const headers = { 'content-type': 'text/plain' };
  expect((await update(made.id, 'x', { headers })).status).toBe(415);
  const long = { 'content-type': 'application/json' };
  expect((await update(made.id, `{"targetPath":"${'x'.repeat(1024 * 1024)}"}`, { headers: long })).status).toBe(413);
});

test.each(['configFileId', 'serviceDeploymentId', 'kind', 'syncStatus'])('%s is refused: it does not change', async (member) => {
  const made = await attached();
  const answer = await update(made.id, { targetPath: '/x', [member]: made[member] });
  expect([answer.status, answer.body.field]).toEqual([422, member]);
  expect((await read(made.id)).body.serviceFile).toEqual(made);
});
