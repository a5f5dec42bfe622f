import { attachmentInTheWay, inEffectOn } from '../../../src/domain/config/serviceFile';
import { syncCountsOf, syncStatusOf, type TargetStatus, targetStatusOf } from '../../../src/domain/config/syncStatus';

describe('a target', () => {
  test.each([
    [null, 'a', 'never'],
    [null, null, 'never'],
    ['a', 'a', 'synced'],
    ['a', 'b', 'pending'],
    ['a', null, 'pending'],
  ] as const)('delivered %s, rendered %s: %s', (delivered, rendered, status) => {
    expect(targetStatusOf(delivered, rendered)).toBe(status);
  });
});

describe('all targets', () => {
  const cases: [TargetStatus[], string][] = [
    [[], 'never'],
    [['never', 'never'], 'never'],
    [['synced'], 'synced'],
    [['synced', 'synced'], 'synced'],
    [['synced', 'never'], 'pending'],
    [['synced', 'pending'], 'pending'],
    [['pending', 'never'], 'pending'],
    [['pending'], 'pending'],
  ];
  test.each(cases)('%j: %s', (statuses, status) => {
    expect(syncStatusOf(syncCountsOf(statuses))).toBe(status);
    expect(syncStatusOf(syncCountsOf(statuses), false)).toBe('not_attached');
  });

  test('are counted', () => {
    expect(syncCountsOf(['synced', 'never', 'pending', 'synced'])).toEqual({ synced: 2, pending: 1, never: 1, total: 4 });
  });
});

const attached = (id: string, file: string, path: string, placement: string | null = null) => ({
  id,
  config_file_id: file,
  target_path: path,
  service_deployment_id: placement,
});

describe('in effect on a placement', () => {
  const base = [attached('1', 'A', '/a'), attached('2', 'B', '/b'), attached('3', 'C', '/c')];
  const on = (...own: ReturnType<typeof attached>[]) => inEffectOn('P', [...base, ...own]).map(({ id }) => id);

  test('without anything of its own: what the service has', () => {
    expect(on(attached('4', 'A', '/x', 'Q'))).toEqual(['1', '2', '3']);
  });

  test('its own stands for the same file, and for what is at the same path', () => {
    expect(on(attached('4', 'A', '/x', 'P'))).toEqual(['2', '3', '4']);
    expect(on(attached('4', 'D', '/b', 'P'))).toEqual(['1', '3', '4']);
    expect(on(attached('4', 'A', '/b', 'P'))).toEqual(['3', '4']);
    expect(on(attached('4', 'D', '/d', 'P'))).toEqual(['1', '2', '3', '4']);
  });
});

describe('in the way', () => {
  const present = [attached('1', 'A', '/a'), attached('2', 'B', '/b', 'P')];
  test.each([
    [attached('', 'A', '/x'), { id: '1', field: 'configFileId' }],
    [attached('', 'C', '/a'), { id: '1', field: 'targetPath' }],
    [attached('', 'B', '/b'), undefined],
    [attached('', 'A', '/a', 'P'), undefined],
    [attached('', 'B', '/x', 'P'), { id: '2', field: 'configFileId' }],
    [attached('', 'C', '/b', 'P'), { id: '2', field: 'targetPath' }],
    [attached('', 'B', '/b', 'Q'), undefined],
  ])('%j: %j', (wanted, other) => {
    expect(attachmentInTheWay(wanted, present)).toEqual(other);
  });
});
