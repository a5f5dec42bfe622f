import {
  isNothingToLoad,
  planTypeLoad,
  type StoredType,
  type TypeFile,
  type TypeLoadStatus,
} from '../../../src/domain/types/typeLoad';

const file = (name: string, isKnown = false): TypeFile<{ name: string }> => ({ body: { name }, definition: { name }, isKnown });
const stored = (name: string, facts: Partial<StoredType> = {}): StoredType => ({
  id: `id of ${name}`,
  name,
  source: 'shipped',
  isCustomized: false,
  shippedDefinition: { name },
  ...facts,
});
const plan = (files: TypeFile<{ name: string }>[], types: StoredType[]) => planTypeLoad({ files, errors: [] }, types);

test.each([
  ['new', [], { create: 1, update: 0, keep: 0 }, { created: ['a'] }],
  ['known', [stored('a')], { create: 0, update: 0, keep: 0 }, {}],
  ['changed', [stored('a')], { create: 0, update: 1, keep: 0 }, { updated: ['a'] }],
  ['known', [stored('a', { isCustomized: true })], { create: 0, update: 0, keep: 0 }, { skippedCustomized: ['a'] }],
  ['changed', [stored('a', { isCustomized: true })], { create: 0, update: 0, keep: 1 }, { skippedCustomized: ['a'] }],
  [
    'changed',
    [stored('a', { source: 'user', shippedDefinition: null })],
    { create: 0, update: 0, keep: 0 },
    { skippedCustomized: ['a'] },
  ],
  ['new', [stored('b')], { create: 1, update: 0, keep: 0 }, { created: ['a'] }],
] as const)('a file that is %s against %j', (state, types, sizes, told) => {
  const { create, update, keep, result } = plan([file('a', state === 'known')], [...types]);
  expect({ create: create.length, update: update.length, keep: keep.length }).toEqual(sizes);
  expect(result).toEqual({ created: [], updated: [], skippedCustomized: [], errors: [], ...told });
});

describe('nothing is to be loaded', () => {
  const empty = plan([], []);
  const known = (facts: object = {}): TypeLoadStatus => ({
    serviceTypes: { ...empty.result, created: ['earlier'], ...facts },
    databaseTypes: empty.result,
    timestamp: '2026-03-01T08:00:00.000Z',
  });
  const nothing = (serviceTypes: typeof empty, status: TypeLoadStatus | null) =>
    isNothingToLoad({ serviceTypes, databaseTypes: empty }, status);

  test('when the load before found the same, whatever it did', () => {
    expect(nothing(empty, known())).toBe(true);
    expect(nothing(plan([file('a', true)], [stored('a')]), known())).toBe(true);
  });

  test('unless there was none, something is to be done, or other files are skipped', () => {
    expect(nothing(empty, null)).toBe(false);
    expect(nothing(plan([file('a')], []), known())).toBe(false);
    expect(nothing(plan([file('a')], [stored('a')]), known())).toBe(false);
    expect(nothing(plan([file('a')], [stored('a', { isCustomized: true })]), known({ skippedCustomized: ['a'] }))).toBe(false);
    expect(nothing(plan([file('a', true)], [stored('a', { isCustomized: true })]), known())).toBe(false);
    expect(nothing(empty, known({ errors: [{ file: 'a.json', error: 'bad' }] }))).toBe(false);
  });
});
