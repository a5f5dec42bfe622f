import {
  applyModulePatch,
  definitionsOf,
  environmentSettingsOf,
  modulePatchIssues,
  settingsModules,
} from '../../../src/domain/settings/environmentSettings';
import { resolve } from '../../support/contract';

const schemaOf = (name: string) => resolve<any>({ $ref: `#/components/schemas/${name}` });

const all = settingsModules.flatMap((module) => definitionsOf(module));

test('the shipped settings', () => {
  expect(Object.fromEntries(settingsModules.map((module) => [module, environmentSettingsOf(module, {})]))).toEqual({
    general: { sshUser: 'root' },
    monitoring: { collectMetrics: false, healthIntervalSec: 60 },
    operations: {
      defaultDockerMode: 'ssh',
      autoPruneImages: false,
      pruneImagesMode: 'dangling',
      autoManageCompose: false,
      keepStagedDroplets: 42,
    },
    data: { allowBackupDownload: false, defaultMonitoringEnabled: false, defaultCollectionIntervalSec: 300 },
    configuration: { allowSecretReveal: true, allowUnknownRepositories: true },
  });
});

describe('definitions', () => {
  const requested = schemaOf('EnvironmentSettingsUpdate').properties;

  test('have the keys of the contract, each once', () => expect(all.map(({ key }) => key)).toEqual(Object.keys(requested)));

  test.each(all.map((definition) => [definition.key, definition]))('%s: the contract takes what they say', (key, definition) => {
    const schema = requested[key as string];
    const { type, options, min, max } = definition as (typeof all)[number];
    expect(schema.type).toEqual([type === 'enum' ? 'string' : type, 'null']);
    expect(schema.enum).toEqual(options === null ? undefined : [...options, null]);
    expect([schema.minimum, schema.maximum]).toEqual([min ?? undefined, max ?? undefined]);
  });

  test('tell the defaults of the installation', () => {
    const defaults = { operations: { keepStagedDroplets: 7 } };
    expect(definitionsOf('operations', defaults).find(({ key }) => key === 'keepStagedDroplets')).toMatchObject({
      default: 7,
      min: 1,
      max: 1000,
    });
    expect(environmentSettingsOf('operations', {}, defaults).keepStagedDroplets).toBe(7);
    expect(environmentSettingsOf('operations', { keepStagedDroplets: 8 }, defaults).keepStagedDroplets).toBe(8);
  });
});

test.each([
  ['operations', { keepStagedDroplets: 0 }],
  ['operations', { keepStagedDroplets: 1001 }],
  ['operations', { keepStagedDroplets: '5' }],
  ['operations', { defaultDockerMode: 'tcp' }],
  ['configuration', { allowSecretReveal: 'no' }],
  ['general', { sshUser: '-oProxyCommand=x' }],
  ['general', { sshUser: '' }],
] as const)('%s %j, which only hands in the database can have set, is as good as not set', (module, stored) => {
  expect(environmentSettingsOf(module, stored)).toEqual(environmentSettingsOf(module, {}));
});

test.each([
  [{}, { healthIntervalSec: 30 }],
  [{ healthIntervalSec: null }, {}],
  [{ healthIntervalSec: 60 }, {}],
  [{ collectMetrics: true }, { healthIntervalSec: 30, collectMetrics: true }],
])('a change %j', (patch, expected) =>
  expect(applyModulePatch('monitoring', { healthIntervalSec: 30 }, patch, {})).toEqual(expected),
);

test('a key of another module is no member of this one', () => {
  expect(modulePatchIssues('general', { sshUser: 'x', collectMetrics: true })).toEqual([
    expect.objectContaining({ field: 'collectMetrics', code: 'unknown_member', message: expect.stringContaining('monitoring') }),
  ]);
});
