import { systemSettingRules, systemSettingsOf } from '../../../src/domain/settings/systemSettings';
import { type Portolan, startPortolan, startReplica } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());
beforeEach(() => portolan.call('resetSystemSettings'));

const update = (body: unknown, more: object = {}) => portolan.call('updateSystemSettings', { body, ...more });
const read = async () => (await portolan.call('getSystemSettings')).body.settings;
const shipped = systemSettingsOf({}, {});

/** A value of each key that is not its default; the least and the most that it takes where it is a number. */
const values = Object.entries(systemSettingRules).flatMap(([key, rule]): [string, unknown][] => {
  if (rule.kind === 'integer')
    return [rule.least, rule.most].filter((value) => value !== rule.fallback).map((value) => [key, value]);
  if (rule.kind === 'integers') return [[key, [0, 1000, 86_400_000]]];
  if (rule.kind === 'choice') return [[key, 'long_term']];
  return [[key, rule.kind === 'url' ? 'https://portolan.example/base/' : 'Europe/Berlin']];
});

describe('200', () => {
  test.each(values)('%s: %j sets, absent keeps, null goes back to the default', async (key, value) => {
    const answer = await update({ [key]: value });
    expect(answer.body.settings[key]).toEqual(value);
    if (key !== 'backupRetentionPreset') expect(answer.body).toEqual({ settings: { ...shipped, [key]: value } });
    expect((await update({})).body).toEqual(answer.body);
    expect((await update({ [key]: null })).body).toEqual({ settings: shipped });
    expect(await read()).toEqual(shipped);
  });

  test('publicUrl: "" goes back to the default', async () => {
    await update({ publicUrl: 'https://portolan.example' });
    expect((await update({ publicUrl: '' })).body.settings.publicUrl).toBeNull();
  });

  test('a preset brings its tiers, and a tier of its own stays with it', async () => {
    await update({ backupRetentionDaily: 30 });
    const lean = (await update({ backupRetentionPreset: 'lean', backupRetentionMinFloor: 5 })).body.settings;
    expect(lean).toMatchObject({ backupRetentionKeepLast: 12, backupRetentionDaily: 7, backupRetentionMinFloor: 5 });
    expect((await update({ backupRetentionYearly: 1 })).body.settings).toEqual({ ...lean, backupRetentionYearly: 1 });
  });

  test('what changes nothing leaves version and history alone', async () => {
    const version = async (body: object) => Number(/^"(\d+)/.exec(String((await update(body)).headers.etag))?.[1]);
    const rows = async () => (await portolan.sql("select 1 from audit_logs where resource_type = 'system_settings'")).length;
    const [first, count] = [await version({}), await rows()];
    for (const body of [{ maxParallelSteps: 10 }, { maxParallelSteps: null }, { webhookRetryDelaysMs: null }, await read()]) {
      expect(await version(body)).toBe(first);
    }
    expect(await rows()).toBe(count);
    expect(await version({ webhookRetryDelaysMs: [1, 2] })).toBe(first + 1);
    expect(await version({ webhookRetryDelaysMs: [1, 2] })).toBe(first + 1);
    expect(await rows()).toBe(count + 1);
  });

  test('the audit row holds old and new values', async () => {
    await update({ registryMaxTags: 100, timezone: 'Asia/Tokyo' });
    const [row] = await portolan.sql('select action, resource_type, details from audit_logs order by id desc limit 1');
    expect(row).toEqual({
      action: 'update',
      resource_type: 'system_settings',
      details: {
        changed: ['registryMaxTags', 'timezone'],
        before: { registryMaxTags: 500, timezone: 'UTC' },
        after: { registryMaxTags: 100, timezone: 'Asia/Tokyo' },
      },
    });
  });

  test('changes at the same time are all kept', async () => {
    const bodies = [{ maxParallelSteps: 1 }, { defaultLogLines: 10 }, { maxUploadSizeMb: 1 }, { webhookMaxRetries: 0 }];
    await Promise.all(bodies.map((body) => update(body)));
    expect(await read()).toEqual(Object.assign({}, shipped, ...bodies));
  });
});

describe('on all replicas', () => {
  let replica: Portolan;
  beforeAll(async () => {
    replica = await startReplica(portolan);
  });
  afterAll(() => replica.close());

  const current = ({ context }: Portolan) => context.liveSettings.current();
  /** The rule is five seconds; a busy machine gets more before the test gives up, and the time is told. */
  async function until(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error('The other replica never heard of it.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('a change acts on this one with the answer, and soon on the other one', async () => {
    await update({ registryTimeoutMs: 3000 });
    expect(current(portolan).registryTimeoutMs).toBe(3000);
    await until(() => current(replica).registryTimeoutMs === 3000);
    await replica.call('updateSystemSettings', { body: { registryTimeoutMs: 4000 } });
    await until(() => current(portolan).registryTimeoutMs === 4000);
  });

  test('a reset too, and what hands in the database set', async () => {
    await update({ defaultLogLines: 10 });
    await until(() => current(replica).defaultLogLines === 10);
    await portolan.call('resetSystemSettings');
    await until(() => current(replica).defaultLogLines === 50);
    await portolan.sql(`update system_settings set settings = '{"defaultLogLines":11}', version = version + 1`);
    await until(() => [portolan, replica].every((one) => current(one).defaultLogLines === 11));
  });

  test('links are made of the public URL that is set, without its slash', async () => {
    const linked = async (one: Portolan) => (await one.send('GET', '/', { token: null })).body.links.cloud_controller_v3.href;
    const own = await linked(replica);
    await update({ publicUrl: 'https://portolan.example/base/' });
    expect(await linked(portolan)).toBe('https://portolan.example/base/v3');
    await until(() => current(replica).publicUrl !== null);
    expect(await linked(replica)).toBe('https://portolan.example/base/v3');
    await update({ publicUrl: null });
    await until(() => current(replica).publicUrl === null);
    expect(await linked(replica)).toBe(own);
  });
});

describe('400', () => {
  const outOfRange = Object.entries(systemSettingRules).flatMap(([key, rule]): [string, unknown][] => {
    if (rule.kind !== 'integer') return [];
    return [rule.least - 1, rule.most + 1, rule.least + 0.5, String(rule.least), true].map((value) => [key, value]);
  });
  const others: [string, unknown][] = [
    ['webhookRetryDelaysMs', '[1000,2000]'],
    ['webhookRetryDelaysMs', '1000,2000'],
    ['webhookRetryDelaysMs', 1000],
    ['webhookRetryDelaysMs', []],
    ['webhookRetryDelaysMs', Array(11).fill(1)],
    ['publicUrl', 'portolan.example'],
    ['publicUrl', 'ftp://portolan.example'],
    ['publicUrl', 'https://user:password@portolan.example'],
    ['publicUrl', 7],
    ['timezone', 'Mars/Olympus'],
    ['timezone', '+01:00'],
    ['timezone', ''],
    ['backupRetentionPreset', 'custom'],
    ['backupRetentionPreset', ''],
    ['registryTimeout', 1000],
  ];

  test.each([...outOfRange, ...others])('%s: %j', async (field, value) => {
    const answer = await update({ timezone: 'Asia/Tokyo', [field]: value });
    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect(await read()).toEqual(shipped);
  });

  test.each([
    ['webhookRetryDelaysMs[1]', { webhookRetryDelaysMs: [1, '2'] }],
    ['webhookRetryDelaysMs[0]', { webhookRetryDelaysMs: [-1] }],
    ['webhookRetryDelaysMs[0]', { webhookRetryDelaysMs: [86_400_001] }],
    ['', []],
  ])('%s of %j', async (field, body) => {
    const answer = await update(body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });

  test('every key that is wrong is told', async () => {
    const answer = await update({ registryMaxTags: 1, maxParallelSteps: 0, timezone: 7 });
    expect(answer.body.details.map(({ field }: any) => field)).toEqual(['registryMaxTags', 'maxParallelSteps', 'timezone']);
  });
});

describe('412', () => {
  test('when somebody changed them since', async () => {
    const { etag } = (await portolan.call('getSystemSettings')).headers;
    const headers = { 'if-match': etag };
    expect((await update({ maxParallelSteps: 2 }, { headers })).status).toBe(200);
    const answer = await update({ maxParallelSteps: 3 }, { headers });
    expect(answer.status).toBe(412);
    expect((await read()).maxParallelSteps).toBe(2);
  });
});
