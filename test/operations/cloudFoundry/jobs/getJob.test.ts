import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { operationRow, serviceRow } from '../../../support/rows';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let space: string;
let app: string;
beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  app = await serviceRow(portolan, space);
});
afterAll(() => portolan.close());

const get = (guid: string, more = {}) => portolan.call('getJob', { path: { guid }, ...more });
const job = (columns: Record<string, unknown> = {}) =>
  operationRow(portolan, {
    kind: 'app.delete',
    resource_type: 'service',
    resource_id: app,
    environment_id: space,
    created_at: '2026-03-01T08:00:00.700Z',
    updated_at: '2026-03-01T08:00:07.000Z',
    ...columns,
  });

describe('200', () => {
  test('the operation of the same id', async () => {
    const guid = await job();
    const { status, body } = await get(guid);
    expect(status).toBe(200);
    expect(body).toEqual({
      guid,
      created_at: '2026-03-01T08:00:00Z',
      updated_at: '2026-03-01T08:00:07Z',
      operation: 'app.delete',
      state: 'PROCESSING',
      errors: [],
      warnings: [],
      links: { self: { href: `${portolan.url}/v3/jobs/${guid}` }, app: { href: `${portolan.url}/v3/apps/${app}` } },
    });
    expect((await portolan.call('getOperation', { path: { id: guid } })).body.operation.id).toBe(guid);
  });

  test.each([
    ['queued', 'PROCESSING'],
    ['running', 'PROCESSING'],
    ['succeeded', 'COMPLETE'],
  ])('%s is %s', async (state, told) => {
    expect((await get(await job({ state }))).body).toMatchObject({ state: told, errors: [] });
  });

  test.each([
    [
      { code: 'CONFLICT', message: 'It is current', hint: 'x' },
      { code: 10008, title: 'CF-UnprocessableEntity', detail: 'It is current' },
    ],
    [
      { code: 'INTERNAL', message: 'Oh' },
      { code: 10001, title: 'UnknownError', detail: 'Oh' },
    ],
  ])('failed tells why', async (error, told) => {
    const { body } = await get(await job({ state: 'failed', error: JSON.stringify(error) }));
    expect(body).toMatchObject({ state: 'FAILED', errors: [told] });
  });

  test('cancelled has failed', async () => {
    const { body } = await get(await job({ state: 'cancelled' }));
    expect(body).toMatchObject({ state: 'FAILED', errors: [{ code: 10008, detail: 'The job was cancelled' }] });
  });

  test('warnings are told', async () => {
    const { body } = await get(await job({ warnings: JSON.stringify([{ code: 'x', message: 'Take care' }]) }));
    expect(body.warnings).toEqual([{ detail: 'Take care' }]);
  });

  test('the link of each kind is there as long as its resource', async () => {
    const [droplet, parcel, gone] = [uuidv7(), uuidv7(), uuidv7()];
    await portolan.sql('insert into droplets (id, service_id, environment_id) values ($1, $2, $3)', [droplet, app, space]);
    await portolan.sql(`insert into packages (id, service_id, environment_id, image) values ($1, $2, $3, 'nginx')`, [
      parcel,
      app,
      space,
    ]);
    const linksOf = async (kind: string, type: string, id: string) => {
      const { body } = await get(await job({ kind, resource_type: type, resource_id: id }));
      const { self, ...others } = body.links;
      return others;
    };
    expect(await linksOf('droplet.delete', 'droplet', droplet)).toEqual({
      droplet: { href: `${portolan.url}/v3/droplets/${droplet}` },
    });
    expect(await linksOf('package.delete', 'package', parcel)).toEqual({
      package: { href: `${portolan.url}/v3/packages/${parcel}` },
    });
    expect(await linksOf('droplet.delete', 'droplet', gone)).toEqual({});
    expect(await linksOf('app.delete', 'service', gone)).toEqual({});
  });

  test('for every reader of its space, also when the resource is gone', async () => {
    const { token: bearer } = await token(portolan, { role: 'viewer', scopes: ['droplets:read'], environments: [space] });
    const guid = await job({ resource_id: uuidv7(), state: 'succeeded' });
    expect((await get(guid, { token: bearer })).body.state).toBe('COMPLETE');
  });
});

test('401 without a credential', async () => {
  expect(problemOfV3(await get(await job(), { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['services:read'] });
  expect(codeOfV3(await get(await job(), { token: bearer }))).toEqual([403, 10003]);
});

describe('404', () => {
  test.each([uuidv7(), 'x', '..%2f'])('%s', async (guid) => {
    expect(problemOfV3(await get(guid))).toEqual([404, 10010, 'Job not found']);
  });

  test('an operation that /v3 does not start', async () => {
    const guid = await job({ kind: 'registry.checkUpdates', resource_type: 'registry' });
    expect(problemOfV3(await get(guid))).toEqual([404, 10010, 'Job not found']);
  });

  test('a job of a space that the token does not reach', async () => {
    const { token: bearer } = await token(portolan, { environments: [] });
    expect(problemOfV3(await get(await job(), { token: bearer }))).toEqual([404, 10010, 'Job not found']);
  });
});
