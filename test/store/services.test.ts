import type { PageRequest } from '../../src/domain/lists/cursor';
import type { Db } from '../../src/store/database';
import { listServerServices, servicesOnServer } from '../../src/store/serverServices';
import { listServices } from '../../src/store/services';
import { placement, server, service } from '../support/catalogue';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
let envId: string;
let serverId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serverId = (await server(portolan, envId)).id;
  for (let i = 0; i < 4; i++) {
    const { id } = await service(portolan, envId);
    await placement(portolan, id, { serverId });
    await placement(portolan, id);
  }
});
afterAll(() => portolan.close());

const page: PageRequest = { limit: 3, offset: 0, sort: [{ member: 'name', descending: false }], after: null, signature: '' };

/** What a read gives, and how many statements it sends. */
async function counted<Found>(read: (db: Db) => Promise<Found>): Promise<[Found, number]> {
  const { db } = portolan.context.database;
  let statements = 0;
  const counting = new Proxy(db, {
    get: (of, member) => {
      if (member !== 'executeQuery') return Reflect.get(of, member);
      statements++;
      return of.executeQuery.bind(of);
    },
  });
  return [await read(counting), statements];
}

describe('one statement', () => {
  test('reads a page of services with all placements of each', async () => {
    const [found, statements] = await counted((db) => listServices(db, page, { environmentId: envId }));
    expect([statements, found.total]).toEqual([1, 4]);
    expect(found.rows.map(({ placements }) => placements.length)).toEqual([2, 2, 2]);
  });

  test('reads a page of services on a server, or all of them', async () => {
    const [found, statements] = await counted((db) => listServerServices(db, page, { serverId }));
    expect([statements, found.total, found.rows.length]).toEqual([1, 4, 3]);
    const [all, forAll] = await counted((db) => servicesOnServer(db, serverId));
    expect([forAll, all.rows.length]).toEqual([1, 4]);
  });
});
