import { sweepDroplets } from '../../../src/jobs/droplets/sweepDroplets';
import { appIn, dropletRow, makeCurrent } from '../../support/droplets';
import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test('droplets go a month after they expired, with their labels; never the current one, nor another state', async () => {
  const app = await appIn(portolan, await environment(portolan));
  const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString();
  const expired = (since: number) => dropletRow(portolan, app, { state: 'EXPIRED', expired_at: days(since) });
  const [gone, young, current] = [await expired(31), await expired(29), await expired(40)];
  const failed = await dropletRow(portolan, app, { state: 'FAILED', created_at: days(90) });
  await makeCurrent(portolan, current);
  await portolan.sql(`insert into labels values ('droplet', $1, '', 'tier', 'web')`, [gone]);
  const { database } = portolan.context;
  expect(await sweepDroplets(database)).toEqual({ droplets: 1 });
  const left = await portolan.sql<{ id: string }>('select id from droplets where service_id = $1 order by seq', [app]);
  expect(left.map(({ id }) => id)).toEqual([young, current, failed]);
  expect(await portolan.sql('select from labels where resource_id = $1', [gone])).toEqual([]);
  expect(await sweepDroplets(database)).toEqual({ droplets: 0 });
  expect(await portolan.sql("select name from clock_jobs where name = 'sweepDroplets'")).toHaveLength(1);
});
