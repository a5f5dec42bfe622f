import { uuidv7 } from 'uuidv7';
import { appIn, auditOf, type Callers, callersOf, packageRow, suspend, waitingJobs } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let callers: Callers;
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

/** A package of an app of its own. */
const newPackage = async () => {
  const app = await appIn(portolan, space);
  return { app, guid: await packageRow(portolan, app) };
};
const create = (body: unknown, token: string | null = callers.developer) => portolan.call('createBuild', { body, token });
const of = (guid: string, members: object = {}) => ({ package: { guid }, ...members });

describe('201', () => {
  test.each(['admin', 'developer', 'supporter'] as const)('for the %s: a build that stages, and its droplet', async (caller) => {
    const { app, guid } = await newPackage();
    const { status, headers, body } = await create(of(guid), callers[caller]);
    expect(status).toBe(201);
    expect(headers.location).toBeUndefined();
    expect(body).toEqual({
      guid: expect.any(String),
      created_at: expect.any(String),
      updated_at: body.created_at,
      state: 'STAGING',
      staging_memory_in_mb: null,
      staging_disk_in_mb: null,
      staging_log_rate_limit_bytes_per_second: null,
      error: null,
      lifecycle: { type: 'docker', data: {} },
      package: { guid },
      droplet: null,
      created_by: { guid: expect.any(String), name: expect.any(String), email: expect.stringContaining('@') },
      relationships: { app: { data: { guid: app } } },
      metadata: { labels: {}, annotations: {} },
      links: {
        self: { href: `https://portolan.example/v3/builds/${body.guid}` },
        app: { href: `https://portolan.example/v3/apps/${app}` },
      },
    });
    const [droplet] = await portolan.sql('select * from droplets where service_id = $1', [app]);
    expect(droplet).toMatchObject({ state: 'STAGING', image: null, process_types: null, package_id: guid });
    expect(await waitingJobs(portolan, 'stageBuild')).toContainEqual({ payload: { buildId: body.guid } });
    const shown = await portolan.call('getDroplet', { path: { guid: droplet.id } });
    expect(shown.body).toMatchObject({ state: 'STAGING', image: null, process_types: null });
  });

  test('keeps what it is sent, and is audited', async () => {
    const { app, guid } = await newPackage();
    const limits = {
      staging_memory_in_mb: 1024,
      staging_disk_in_mb: 2048,
      staging_log_rate_limit_bytes_per_second: 9_007_199_254_740_991,
    };
    const metadata = { labels: { by: 'ci' }, annotations: { run: '17' } };
    const { body } = await create(of(guid, { ...limits, metadata, lifecycle: { type: 'docker', data: {} } }));
    expect(body).toMatchObject({ ...limits, metadata });
    expect(await auditOf(portolan, body.guid)).toMatchObject([
      {
        action: 'create',
        operation_id: 'createBuild',
        resource_type: 'build',
        environment_id: space,
        details: { cfType: 'audit.app.build.create', appGuid: app, packageGuid: guid },
      },
    ]);
  });

  test.each([{ type: 'docker' }, { type: 'docker', data: null }])('with the lifecycle %j', async (lifecycle) => {
    const { guid } = await newPackage();
    expect((await create(of(guid, { lifecycle, staging_memory_in_mb: null }))).status).toBe(201);
  });

  test('while another app stages', async () => {
    const [one, other] = [await newPackage(), await newPackage()];
    expect((await create(of(one.guid))).status).toBe(201);
    expect((await create(of(other.guid))).status).toBe(201);
  });
});

test('400 for a body that is no JSON', async () => {
  expect((await create('no')).body.errors[0].code).toBe(1001);
});

test('401 without credential', async () => {
  expect((await create(of(uuidv7()), null)).status).toBe(401);
});

describe('403', () => {
  test.each(['viewer', 'reader'] as const)('for the %s, before anything is looked up', async (caller) => {
    expect((await create({ wrong: 1 }, callers[caller])).body.errors[0].code).toBe(10003);
  });

  test('for the right to repoint alone', async () => {
    expect((await create(of((await newPackage()).guid), callers.viewerWithImage)).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended, and not for an admin', async () => {
    const { guid } = await newPackage();
    await suspend(portolan, true);
    try {
      expect((await create(of(guid), callers.supporter)).body.errors[0].code).toBe(10017);
      expect((await create(of(guid), callers.admin)).status).toBe(201);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('422', () => {
  const refused = async (answered: ReturnType<typeof create>) => {
    const { status, body } = await answered;
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    return body.errors[0].detail as string;
  };

  test.each<[unknown, string[]]>([
    [{}, ["'package'"]],
    [{ package: {} }, ["'package.guid'"]],
    [{ package: { guid: '' } }, ["'package.guid'"]],
    [{ package: { guid: 'x', name: 'y' } }, ["'package.name'"]],
    [of('x', { lifecycle: { type: 'buildpack' } }), ['docker']],
    [of('x', { lifecycle: { type: 'docker', data: { stack: 'a' } } }), ["'lifecycle.data.stack'"]],
    [of('x', { lifecycle: null }), ["'lifecycle'"]],
    [of('x', { staging_memory_in_mb: 1.5, staging_disk_in_mb: '1' }), ['staging_memory_in_mb', 'staging_disk_in_mb']],
    [of('x', { staging_memory_in_mb: 2_147_483_648 }), ['staging_memory_in_mb']],
    [of('x', { state: 'STAGED', environment_variables: {} }), ["'state'", "'environment_variables'"]],
    [of('x', { metadata: { labels: [] } }), ['metadata.labels']],
  ])('for %j', async (body, names) => {
    const detail = await refused(create(body));
    for (const name of names) expect(detail).toContain(name);
  });

  test('for a package that is missing or cannot be seen', async () => {
    const missing = uuidv7();
    expect(await refused(create(of(missing)))).toContain(`"${missing}"`);
    const { guid } = await newPackage();
    expect(await refused(create(of(guid), callers.outside))).toContain(`"${guid}"`);
  });

  test('170017 while another build of the app runs, and nothing is stored', async () => {
    const { app, guid } = await newPackage();
    await create(of(guid));
    const { status, body } = await create(of(await packageRow(portolan, app)));
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({ code: 170017, title: 'CF-StagingInProgress' });
    expect(await portolan.sql('select from droplets where service_id = $1', [app])).toHaveLength(1);
    await portolan.sql(`update builds set state = 'FAILED' where service_id = $1`, [app]);
    expect((await create(of(guid))).status).toBe(201);
  });

  test('170017 for all but one of those that come at once', async () => {
    const { app, guid } = await newPackage();
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(of(guid))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422, 422, 422]);
    expect(answers.flatMap(({ body }) => body.errors?.[0].code ?? [])).toEqual(Array.from({ length: 5 }, () => 170017));
    expect(await portolan.sql('select from builds where service_id = $1', [app])).toHaveLength(1);
    expect(await portolan.sql('select from droplets where service_id = $1', [app])).toHaveLength(1);
  });

  test('for too many labels, and nothing is stored', async () => {
    const { app, guid } = await newPackage();
    const labels = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, 'x']));
    expect((await create(of(guid, { metadata: { labels } }))).body.errors[0].code).toBe(390020);
    expect(await portolan.sql('select from builds where service_id = $1', [app])).toEqual([]);
  });
});
