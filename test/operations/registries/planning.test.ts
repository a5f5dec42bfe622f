import { scheduleRefreshes } from '../../../src/jobs/registries/scheduleRefreshes';
import { registry } from '../../support/catalogue';
import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow } from '../../support/rows';

/** What changes of a connection mean for when it, and the images of its environment, are read next. */

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
});
beforeEach(async () => {
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const update = async (id: string, body: object) => {
  const answer = await portolan.call('updateRegistry', { path: { id }, body });
  expect(answer.status).toBe(200);
};
/** Whether the next turn of the schedule takes it. */
const isDue = async (id: string) => (await nextInMinutes(id)) < 2 / 60;
/** A connection whose time has not come. */
async function settled(members: object = {}): Promise<string> {
  const { id } = await registry(portolan, envId, members);
  await portolan.sql(`update registry_refreshes set next_refresh_at = now() + interval '1 day' where registry_id = $1`, [id]);
  return id;
}
/** Turns the schedule once; gives which of these images are checked by themselves. */
async function checkedOf(ids: string[]): Promise<string[]> {
  await scheduleRefreshes(portolan.context.database);
  const jobs = await portolan.sql('select key from graphile_worker.jobs');
  return ids.filter((id) => jobs.some(({ key }) => key === `checkImage:${id}`));
}
const planned = (id: string, lastRefreshMinutesAgo: number | null, nextInMinutes: number, failures = 0) =>
  Promise.all([
    portolan.sql(`update registries set last_refresh_at = now() - make_interval(mins => $2) where id = $1`, [
      id,
      lastRefreshMinutesAgo,
    ]),
    portolan.sql(
      `update registry_refreshes set next_refresh_at = now() + make_interval(mins => $2), failures = $3 where registry_id = $1`,
      [id, nextInMinutes, failures],
    ),
  ]);
const nextInMinutes = async (id: string): Promise<number> => {
  const [row] = await portolan.sql(
    `select extract(epoch from next_refresh_at - now())::float8 / 60 as minutes from registry_refreshes where registry_id = $1`,
    [id],
  );
  return row.minutes;
};

describe('a refresh is due at once', () => {
  test('for a new connection', async () => {
    const { id } = await registry(portolan, envId);
    expect(await isDue(id)).toBe(true);
  });

  test.each([
    { registryUrl: 'quay.io' },
    { type: 'dockerhub' },
    { repositoryPrefix: 'acme' },
    { username: 'other' },
    { password: 'other' },
    { token: 'other' },
    { autoLinkPattern: 'acme/*' },
    { isDefault: true },
  ])('when %j changes', async (change) => {
    const id = await settled({ username: 'ci' });
    await update(id, change);
    expect(await isDue(id)).toBe(true);
  });

  test.each([{ name: 'renamed' }, { refreshIntervalMinutes: 31 }, { isDefault: false }, { username: 'ci' }])(
    'not when %j is sent',
    async (change) => {
      const id = await settled({ username: 'ci' });
      await update(id, change);
      expect(await isDue(id)).toBe(false);
    },
  );
});

describe('another interval plans the next refresh anew', () => {
  test('a shorter one brings it forward, never later than it allows', async () => {
    const id = await settled({ refreshIntervalMinutes: 1440 });
    await planned(id, 10, 1430);
    await update(id, { refreshIntervalMinutes: 30 });
    const minutes = await nextInMinutes(id);
    expect(minutes).toBeGreaterThan(30 * 0.9 - 10 - 1);
    expect(minutes).toBeLessThanOrEqual(30 - 10);
  });

  test('one that is over already makes it due now', async () => {
    const id = await settled({ refreshIntervalMinutes: 1440 });
    await planned(id, 600, 840);
    await update(id, { refreshIntervalMinutes: 5 });
    expect(await nextInMinutes(id)).toBeLessThanOrEqual(0);
  });

  test('a longer one puts it off', async () => {
    const id = await settled({ refreshIntervalMinutes: 5 });
    await planned(id, 1, 4);
    await update(id, { refreshIntervalMinutes: 100 });
    expect(await nextInMinutes(id)).toBeGreaterThan(80);
  });

  test('while refreshes fail, their back-off holds', async () => {
    const id = await settled({ refreshIntervalMinutes: 1440 });
    await planned(id, 100, 200, 5);
    await update(id, { refreshIntervalMinutes: 100 });
    expect(await nextInMinutes(id)).toBeGreaterThan(190);
    await update(id, { refreshIntervalMinutes: 5 });
    expect(await nextInMinutes(id)).toBeLessThanOrEqual(20);
  });
});

describe('images that lose their connection are read by themselves', () => {
  const image = async (path: string, columns: object = {}) => {
    const name = `ghcr.io/${path}`;
    const id = await imageRow(portolan, envId, {
      image_name: name,
      repository: name,
      last_checked_at: new Date().toISOString(),
      ...columns,
    });
    await portolan.sql(`update image_checks set next_check_at = now() + interval '1 day' where container_image_id = $1`, [id]);
    return id;
  };

  test('when the connection is deleted', async () => {
    const id = await settled();
    const [mine, elsewhere] = [
      await image('acme/app'),
      await imageRow(portolan, envId, { repository: 'quay.io/a/b', image_name: 'quay.io/a/b' }),
    ];
    await portolan.sql(`update image_checks set next_check_at = now() + interval '1 day' where container_image_id = $1`, [
      elsewhere,
    ]);
    expect((await portolan.call('deleteRegistry', { path: { id } })).status).toBe(204);
    expect(await checkedOf([mine, elsewhere])).toEqual([mine]);
    const shown = (await portolan.call('getContainerImage', { path: { id: mine } })).body.image;
    expect(shown).toMatchObject({ registryLink: 'none', registryConnection: null });
    expect(shown.registryLinkReason).toContain('anonymously');
  });

  test('when its pattern no longer takes them, and only these', async () => {
    const id = await settled({ autoLinkPattern: '**' });
    const other = await settled({ autoLinkPattern: 'tools/*' });
    const [app, tool] = [await image('acme/app'), await image('tools/x')];
    await update(id, { autoLinkPattern: 'other/*' });
    expect(await checkedOf([app, tool])).toEqual([app]);
    await update(other, { autoLinkPattern: null });
    expect(await checkedOf([tool])).toEqual([]);
  });

  test('when another connection becomes the default', async () => {
    await settled({ autoLinkPattern: '**', isDefault: true });
    const mine = await image('x', { image_name: 'acme/app', repository: 'docker.io/acme/app' });
    await registry(portolan, envId, { registryUrl: 'quay.io', isDefault: true });
    expect(await checkedOf([mine])).toEqual([mine]);
  });

  test('not when it is renamed', async () => {
    const id = await settled();
    const mine = await image('acme/app');
    await update(id, { name: 'renamed' });
    expect(await checkedOf([mine])).toEqual([]);
  });

  test('not when they are linked by hand', async () => {
    const [id, linked] = [await settled(), await settled()];
    const mine = await image('acme/app', { registry_connection_id: linked });
    await update(id, { registryUrl: 'quay.io' });
    expect(await checkedOf([mine])).toEqual([]);
  });
});
