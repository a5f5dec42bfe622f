import { placement, service } from '../../support/catalogue';
import { attachment, configFile, delivered } from '../../support/configFiles';
import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
let id: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  id = (await service(portolan, envId)).id;
  for (const [index, name] of ['alpha', 'beta', 'al%pha', 'gamma', 'delta'].entries()) {
    const file = await configFile(portolan, envId, 'a', { name });
    const made = await attachment(portolan, id, file.id, { targetPath: `/${5 - index}` });
    const at = `2026-01-0${1 + (index % 3)}T00:00:00.000Z`;
    await portolan.sql('update service_files set created_at = $2 where id = $1', [made.id, at]);
  }
  const other = await service(portolan, envId);
  await attachment(portolan, other.id, (await configFile(portolan, envId)).id);
});
afterAll(() => portolan.close());

const list = (query: object = {}, more: object = {}) =>
  portolan.call('listServiceFiles', { path: { id }, query: query as never, ...more });

describeListRules(() => portolan, {
  operationId: 'listServiceFiles',
  member: 'files',
  sortable: { createdAt: (row) => row.createdAt, targetPath: (row) => row.targetPath },
  call: () => ({ path: { id } }),
  otherFilter: { q: 'alpha' },
  otherSort: 'targetPath',
});

describe('200', () => {
  test('q looks into the names of the files', async () => {
    const namesOf = async (q: string) =>
      (await list({ q, sort: 'targetPath' })).body.files.map((row: any) => row.configFile.name);
    expect(await namesOf('ALPHA')).toEqual(['alpha']);
    expect(await namesOf('l%p')).toEqual(['al%pha']);
    expect(await namesOf('nobody')).toEqual([]);
  });

  test('each row is what getServiceFile answers, base and override alike, with its status', async () => {
    const mine = (await service(portolan, envId)).id;
    const placed = await placement(portolan, mine);
    const file = await configFile(portolan, envId, 'a');
    const override = await attachment(portolan, mine, file.id, { serviceDeploymentId: placed.id });
    await attachment(portolan, mine, file.id);
    const third = await attachment(portolan, mine, (await configFile(portolan, envId, 'b')).id);
    await delivered(portolan, override.id, placed.id, 'a');
    await delivered(portolan, third.id, placed.id, 'x');
    const { files } = (await portolan.call('listServiceFiles', { path: { id: mine } })).body;
    expect(files.map(({ kind, syncStatus }: any) => [kind, syncStatus])).toEqual([
      ['override', 'synced'],
      ['base', 'never'],
      ['base', 'pending'],
    ]);
    for (const row of files) {
      const read = await portolan.call('getServiceFile', { path: { serviceId: mine, fileId: row.id } });
      expect(read.body.serviceFile).toEqual(row);
    }
  });
});

test('400 for a sort that is none', async () => {
  expect((await list({ sort: 'name' })).status).toBe(400);
});

test('403 for a token without the scope', async () => {
  const other = await token(portolan, { scopes: ['services:read'] });
  expect((await list({}, { token: other.token })).status).toBe(403);
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the service %s', async (nobody) => {
    expect((await portolan.call('listServiceFiles', { path: { id: nobody } })).status).toBe(404);
  });

  test('a service outside a token’s environments', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
