import { uuidv7 } from 'uuidv7';
import type { OperationId } from '../../../generated/operations';
import { environment, token } from '../../support/fixtures';
import { makeObjects, type Objects } from '../../support/objects';
import { type Answered, type Call, type Portolan, startPortolan } from '../../support/portolan';

/**
 * Who may do what under /v3: the table of roles. R = success; hidden = success without start data; E = an empty page;
 * a number is the status. With a slash: without, and with the right to repoint images.
 */

const columns = ['admin', 'readerWithSecrets', 'developer', 'supporter', 'viewer', 'outside', 'anonymous'] as const;
type Column = (typeof columns)[number];
type Row = readonly [what: string, ...cells: string[]];

const table: readonly Row[] = [
  //                                    admin  secrets  developer  supporter  viewer     outside  anonymous
  ['create droplet', /*             */ '422', '403', '422', '403', '403', '422', '401'],
  ['copy droplet', /*               */ 'R', '403', 'R', '403', '403', '404', '401'],
  ['get droplet', /*                */ 'R', 'R', 'R', 'R hidden', 'R hidden', '404', '401'],
  ['list droplets', /*              */ 'R', 'R', 'R', 'R', 'R', 'E', '401'],
  ['list droplets of an app', /*    */ 'R', 'R', 'R', 'R', 'R', '404', '401'],
  ['list droplets of a package', /* */ 'R', 'R', 'R', 'R', 'R', '404', '401'],
  ['update metadata', /*            */ 'R', '403', 'R', '403', '403', '404', '401'],
  ['update image', /*               */ 'R', '403 / R', '403 / R', '403 / R hidden', '403 / R hidden', '404', '401'],
  ['delete droplet', /*             */ 'R', '403', 'R', '403', '403', '404', '401'],
  ['download droplet', /*           */ '422', '422', '422', '403', '422', '404', '401'],
  ['upload droplet', /*             */ '422', '403', '422', '403', '403', '404', '401'],
  ['set current droplet', /*        */ 'R', '403', 'R', 'R', '403', '404', '401'],
  ['get current droplet', /*        */ 'R', 'R', 'R', 'R hidden', 'R hidden', '404', '401'],
  ['get current relationship', /*   */ 'R', 'R', 'R', 'R', 'R', '404', '401'],
  ['create package', /*             */ 'R', '403', 'R', '403', '403', '422', '401'],
  ['create build', /*               */ 'R', '403', 'R', 'R', '403', '422', '401'],
  ['start app', /*                  */ '422', '403', '422', '422', '403', '404', '401'],
  ['stop app', /*                   */ '422', '403', '422', '422', '403', '404', '401'],
  ['restart app', /*                */ '422', '403', '422', '422', '403', '404', '401'],
  ['create app', /*                 */ 'R', '403', 'R', '403', '403', '422', '401'],
  ['update app', /*                 */ 'R', '403', 'R', '403', '403', '404', '401'],
  ['delete app', /*                 */ 'R', '403', 'R', '403', '403', '404', '401'],
];

interface Asked {
  id: string;
  call: Call;
}

let counter = 0;
const app = (guid: string | undefined) => ({ relationships: { app: { data: { guid } } } });

/** What each row asks for, on objects of its own. Start, stop and restart are refused while nothing executes plans. */
const requests: Record<string, (objects: Objects) => Asked> = {
  'create droplet': ({ service }) => ({ id: 'createDroplet', call: { body: { ...app(service), process_types: {} } } }),
  'copy droplet': ({ service, droplet }) => ({
    id: 'createDroplet',
    call: { query: { source_guid: droplet as string }, body: app(service) },
  }),
  'get droplet': ({ droplet }) => at('getDroplet', droplet),
  'list droplets': ({ droplet }) => ({ id: 'listDroplets', call: { query: { guids: droplet as string } } }),
  'list droplets of an app': ({ service }) => at('listAppDroplets', service),
  'list droplets of a package': (objects) => at('listPackageDroplets', objects.package),
  'update metadata': ({ droplet }) => at('updateDroplet', droplet, { metadata: { labels: { a: 'b' } } }),
  'update image': ({ droplet }) => at('updateDroplet', droplet, { image: 'ghcr.io/acme/other:2' }),
  'delete droplet': ({ droplet }) => at('deleteDroplet', droplet),
  'download droplet': ({ droplet }) => at('downloadDroplet', droplet),
  'upload droplet': ({ droplet }) => at('uploadDroplet', droplet),
  'set current droplet': ({ service, droplet }) => at('setCurrentDropletForApp', service, { data: { guid: droplet } }),
  'get current droplet': ({ service }) => at('getCurrentDropletForApp', service),
  'get current relationship': ({ service }) => at('getCurrentDropletAssociationForApp', service),
  'create package': ({ service }) => ({
    id: 'createPackage',
    call: { body: { type: 'docker', data: { image: 'ghcr.io/acme/shop:1' }, ...app(service) } },
  }),
  'create build': (objects) => ({ id: 'createBuild', call: { body: { package: { guid: objects.package } } } }),
  'start app': ({ service }) => at('startApp', service),
  'stop app': ({ service }) => at('stopApp', service),
  'restart app': ({ service }) => at('restartApp', service),
  'create app': (objects) => ({
    id: 'createApp',
    call: { body: { name: `app-${++counter}`, relationships: { space: { data: { guid: objects.environment } } } } },
  }),
  'update app': ({ service }) => at('updateApp', service, { metadata: { labels: { a: 'b' } } }),
  'delete app': ({ service }) => at('deleteApp', service),
};

function at(id: string, guid: string | undefined, body?: object): Asked {
  return { id, call: { path: { guid: guid as string }, ...(body ? { body } : {}) } };
}

let portolan: Portolan;
let home: string;
/** Two credentials each: without the image right and, where there can be one, with it. */
let credentials: Record<Column, [string | null, string | null]>;
let userId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  [home, userId] = [await environment(portolan), (await token(portolan)).userId];
  const elsewhere = await environment(portolan);
  const of = async (wishes: Parameters<typeof token>[1]) => (await token(portolan, wishes)).token;
  const admin = (scopes: string[] | null, environments?: string[]) =>
    of({ role: 'admin', scopes, ...(environments ? { environments } : {}) });
  const repoint = 'droplets:repoint';
  const develop = ['droplets:read', 'droplets:write', 'services:write', 'deploys:write'];
  const support = ['droplets:read', 'droplets:assign', 'deploys:write'];
  credentials = {
    admin: [await admin(null), await admin(['admin:*'])],
    readerWithSecrets: [
      await admin(['droplets:read', 'secrets:reveal']),
      await admin(['droplets:read', 'secrets:reveal', repoint]),
    ],
    developer: [await of({ role: 'operator' }), await admin([...develop, repoint])],
    supporter: [await of({ role: 'operator', scopes: support }), await admin([...support, repoint])],
    viewer: [await of({ role: 'viewer' }), await admin(['droplets:read', repoint])],
    outside: [await admin(null, [elsewhere]), await admin([...develop, repoint], [elsewhere])],
    anonymous: [null, null],
  };
});
afterAll(() => portolan.close());

/** Credentials that were seen before remember the old standing for a moment. */
async function suspend(suspended: boolean): Promise<void> {
  await portolan.sql('update installation set suspended = $1', [suspended]);
  portolan.context.authenticator.forget();
}

const hiddenTexts = /\[PRIVATE DATA HIDDEN\]/;
/** An answer in the words of the table. */
function word({ status, body, text }: Answered): string {
  if (status >= 300) return String(status);
  if (body.resources?.length === 0 && body.pagination.total_results === 0) return 'E';
  if (hiddenTexts.test(text)) {
    expect(text).not.toContain('secret-start-data');
    return 'R hidden';
  }
  return 'R';
}

async function ask(row: string, credential: string | null): Promise<Answered> {
  const objects = await makeObjects(portolan, { userId, environmentId: home });
  const { id, call } = (requests[row] as (objects: Objects) => Asked)(objects);
  return portolan.call(id as OperationId, { ...call, token: credential });
}

const cells = table.flatMap(([row, ...words]) => columns.map((column, index) => [row, column, words[index] as string] as const));

describe('each role', () => {
  test('has a cell in every row', () => {
    expect(Object.keys(requests).sort()).toEqual(table.map(([row]) => row).sort());
    for (const row of table) expect([row[0], row.length]).toEqual([row[0], columns.length + 1]);
  });

  test.each(cells)('%s, %s: %s', async (row, column, expected) => {
    const [without, withRight] = credentials[column];
    const [first, second = first] = expected.split(' / ');
    expect(word(await ask(row, without))).toBe(first);
    // The right to repoint images gives nothing else.
    const images = row === 'update image';
    expect(word(await ask(row, withRight))).toBe(images ? second : first);
  });
});

describe('while the installation is suspended', () => {
  beforeAll(() => suspend(true));
  afterAll(() => suspend(false));

  const writes = table.filter(([row]) => !/^(get|list|download)/.test(row));
  const isAdmin = (column: Column) => column === 'admin';
  const suspended = writes.flatMap(([row, ...words]) =>
    columns.map((column, index) => {
      const plain = words[index]?.split(' / ')[0] as string;
      // What would succeed, or fail for its state behind the check of the role, is refused; an admin goes on.
      const reached = plain === 'R' || (plain === '422' && column !== 'outside');
      return [row, column, !isAdmin(column) && reached ? '403 10017' : plain] as const;
    }),
  );

  test.each(suspended)('%s, %s: %s', async (row, column, expected) => {
    const answer = await ask(row, credentials[column][0]);
    expect(answer.status === 403 && answer.body.errors[0].code === 10017 ? '403 10017' : word(answer)).toBe(expected);
  });

  test('whoever may repoint images is held as well', async () => {
    const answer = await ask('update image', credentials.viewer[1]);
    expect([answer.status, answer.body.errors[0].code]).toEqual([403, 10017]);
  });
});

describe('without the scopes of /v3', () => {
  test.each(table.map(([row]) => row))('%s: 403, before any lookup', async (row) => {
    const { token: bearer } = await token(portolan, { role: 'admin', scopes: ['registries:read', 'registries:write'] });
    const { id, call } = (requests[row] as (objects: Objects) => Asked)(new Proxy({}, { get: () => uuidv7() }) as Objects);
    const answer = await portolan.call(id as OperationId, { ...call, token: bearer });
    expect([answer.status, answer.body.errors[0].code]).toEqual([403, 10003]);
  });
});
