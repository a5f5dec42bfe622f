import {
  applySystemSettingsPatch,
  type SystemSettingKey,
  systemSettingIssues,
  systemSettingRules,
  systemSettingsOf,
} from '../../../src/domain/settings/systemSettings';
import { resolve } from '../../support/contract';

const schemaOf = (name: string) => resolve<any>({ $ref: `#/components/schemas/${name}` });

const shipped = systemSettingsOf({}, {});
const keys = Object.keys(systemSettingRules) as SystemSettingKey[];

describe('the table of settings', () => {
  const requested = schemaOf('SystemSettingsUpdate').properties;
  const answered = schemaOf('SystemSettings');

  test('has the keys of the contract', () => {
    expect(Object.keys(requested)).toEqual(keys);
    expect(Object.keys(answered.properties)).toEqual(keys);
    expect(answered.required).toEqual(keys);
  });

  test.each(keys)('%s: the contract takes what the table takes', (key) => {
    const { fallback, ...rule } = systemSettingRules[key] as any;
    const schema = requested[key];
    if (rule.kind === 'integer') expect([schema.minimum, schema.maximum]).toEqual([rule.least, rule.most]);
    if (rule.kind === 'integers') {
      expect([schema.items.minimum, schema.items.maximum, schema.maxItems]).toEqual([rule.least, rule.most, rule.mostItems]);
    }
    if (rule.kind === 'choice') expect(schema.enum).toEqual([...rule.options, null]);
    expect(fallback === null).toBe([answered.properties[key].type].flat().includes('null'));
  });
});

describe('settings', () => {
  test('are the shipped ones while nothing is set', () => {
    expect(Object.fromEntries(keys.map((key) => [key, systemSettingRules[key].fallback]))).toEqual(shipped);
  });

  test('what is set goes before what the variables say, and that before what is shipped', () => {
    const settings = systemSettingsOf({ registryMaxTags: 20 }, { registryMaxTags: 30, registryTimeoutMs: 2000 });
    expect(settings).toEqual({ ...shipped, registryMaxTags: 20, registryTimeoutMs: 2000 });
  });

  test.each<[key: SystemSettingKey, value: unknown]>([
    ['registryMaxTags', 9],
    ['registryMaxTags', 5001],
    ['registryMaxTags', 10.5],
    ['registryMaxTags', '20'],
    ['webhookRetryDelaysMs', '1,2'],
    ['webhookRetryDelaysMs', [1, -1]],
    ['webhookRetryDelaysMs', Array(11).fill(1)],
    ['backupRetentionPreset', 'custom'],
    ['publicUrl', 'ftp://x'],
    ['timezone', 'Mars/Olympus'],
  ])('%s %j, which only hands in the database can have set, is as good as not set', (key, value) => {
    expect(systemSettingsOf({ [key]: value }, {})).toEqual(shipped);
  });

  test.each([
    ['lean', [12, 7, 4, 0, 0, 2]],
    ['balanced', [24, 7, 4, 6, 0, 2]],
    ['long_term', [24, 7, 4, 12, 3, 2]],
  ])('the preset %s brings its tiers', (backupRetentionPreset, tiers) => {
    const s = systemSettingsOf({ backupRetentionPreset }, {});
    expect([
      s.backupRetentionKeepLast,
      s.backupRetentionDaily,
      s.backupRetentionWeekly,
      s.backupRetentionMonthly,
      s.backupRetentionYearly,
      s.backupRetentionMinFloor,
    ]).toEqual(tiers);
  });
});

describe('a change', () => {
  const stored = { registryMaxTags: 20, publicUrl: 'https://a.example', webhookRetryDelaysMs: [1, 2] };

  test.each<[patch: object, expected: object]>([
    [{}, stored],
    [{ registryMaxTags: undefined }, stored],
    [{ registryMaxTags: 30 }, { ...stored, registryMaxTags: 30 }],
    [{ registryMaxTags: null }, { publicUrl: stored.publicUrl, webhookRetryDelaysMs: [1, 2] }],
    [{ registryMaxTags: 500 }, { publicUrl: stored.publicUrl, webhookRetryDelaysMs: [1, 2] }],
    [{ publicUrl: '' }, { registryMaxTags: 20, webhookRetryDelaysMs: [1, 2] }],
    [{ publicUrl: null, webhookRetryDelaysMs: null }, { registryMaxTags: 20 }],
  ])('%j', (patch, expected) => expect(applySystemSettingsPatch(stored, patch, {})).toEqual(expected));

  test('the default that a value is measured by is that of the installation', () => {
    const installation = { registryMaxTags: 100 };
    expect(applySystemSettingsPatch({}, { registryMaxTags: 500 }, installation)).toEqual({ registryMaxTags: 500 });
    expect(applySystemSettingsPatch({ registryMaxTags: 500 }, { registryMaxTags: 100 }, installation)).toEqual({});
  });

  test('a preset takes the place of all tiers, except those that are named with it', () => {
    const tiers = { backupRetentionDaily: 30, backupRetentionKeepLast: 50 };
    expect(applySystemSettingsPatch(tiers, { backupRetentionPreset: 'lean', backupRetentionKeepLast: 13 }, {})).toEqual({
      backupRetentionPreset: 'lean',
      backupRetentionKeepLast: 13,
    });
    expect(applySystemSettingsPatch(tiers, { backupRetentionWeekly: 9 }, {})).toEqual({ ...tiers, backupRetentionWeekly: 9 });
  });

  test('a tier that its preset brings is none of its own', () => {
    expect(applySystemSettingsPatch({}, { backupRetentionPreset: 'lean', backupRetentionKeepLast: 12 }, {})).toEqual({
      backupRetentionPreset: 'lean',
    });
  });
});

describe('forms of texts', () => {
  const fields = (patch: object) => systemSettingIssues(patch).map(({ field, code }) => [field, code]);

  test.each([['https://a.example'], ['http://10.0.0.1:3000/base/'], ['HTTPS://A.example'], [null], ['']])(
    'publicUrl %j is taken',
    (publicUrl) => expect(fields({ publicUrl })).toEqual([]),
  );
  test.each([
    ['a.example'],
    ['ftp://a'],
    ['javascript:alert(1)'],
    ['https://'],
    ['https://u:p@a'],
    ['https://a?x'],
    ['https://a#x'],
    ['https://a b'],
  ])('publicUrl %j is refused', (publicUrl) => expect(fields({ publicUrl })).toEqual([['publicUrl', 'format']]));
  test.each([['UTC'], ['Europe/Berlin'], ['America/Argentina/Buenos_Aires'], ['Etc/GMT+3']])('timezone %s is taken', (timezone) =>
    expect(fields({ timezone })).toEqual([]),
  );
  test.each([['Mars/Olympus'], ['+01:00'], ['Berlin'], [' UTC']])('timezone %j is refused', (timezone) =>
    expect(fields({ timezone })).toEqual([['timezone', 'format']]),
  );
});
