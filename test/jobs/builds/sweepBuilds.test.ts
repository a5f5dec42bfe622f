import { sweepBuilds } from '../../../src/jobs/builds/sweepBuilds';
import { appIn, auditOf, dropletRow } from '../../support/droplets';
import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { buildOf, packageOf, stageParts } from './staging';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test('builds and droplets that nobody ended for 15 minutes fail, once', async () => {
  const space = await environment(portolan);
  const [lost, running] = [await appIn(portolan, space), await appIn(portolan, space)];
  const begin = async (app: string) => buildOf(portolan, (await packageOf(portolan, app, { image: 'ghcr.io/acme/shop:1' })).guid);
  const [old, young] = [await begin(lost), await begin(running)];
  const stray = await dropletRow(portolan, lost, { state: 'STAGING', image: null, process_types: null });
  const age = (app: string, minutes: number) =>
    Promise.all(
      ['builds', 'droplets'].map((table) =>
        portolan.sql(`update ${table} set created_at = now() - make_interval(mins => $2) where service_id = $1`, [app, minutes]),
      ),
    );
  await age(lost, 16);
  await age(running, 14);
  let announced = 0;
  const parts = stageParts(portolan, { announce: () => announced++ });
  expect(await sweepBuilds(parts)).toEqual({ builds: 1, droplets: 1 });
  expect(announced).toBe(1);

  const read = async (guid: string) => (await portolan.call('getBuild', { path: { guid } })).body;
  const error = expect.stringMatching(/^StagingTimeExpired - ./);
  const ended = await read(old.guid);
  expect(ended).toMatchObject({ state: 'FAILED', error });
  const droplet = async (guid: string) => (await portolan.call('getDroplet', { path: { guid } })).body;
  expect(await droplet(ended.droplet.guid)).toMatchObject({ state: 'FAILED', error: ended.error, process_types: null });
  expect(await droplet(stray)).toMatchObject({ state: 'FAILED', error });
  expect((await read(young.guid)).state).toBe('STAGING');
  expect((await auditOf(portolan, old.guid)).at(-1)).toMatchObject({ details: { cfType: 'audit.app.build.failed' } });
  // The app is free again.
  expect((await begin(lost)).state).toBe('STAGING');
  expect(await sweepBuilds(parts)).toEqual({ builds: 0, droplets: 0 });
  expect(await portolan.sql("select name from clock_jobs where name = 'sweepBuilds'")).toHaveLength(1);
});
