import fc from 'fast-check';
import { readTag } from '../../../src/domain/images/tag';
import { compareTags, newestFirst } from '../../../src/domain/images/tagOrder';
import { anyTag } from './digestNotes';

const order = (a: string, b: string) => Math.sign(compareTags(readTag(a), readTag(b)));

describe('order inside a family', () => {
  test.each([
    ['1.9', '1.10'],
    ['1.2.3-rc.1', '1.2.3'],
    ['1.2', '1.2.0'],
    ['1', '1.0'],
    ['1.2.0', '1.2.1'],
    ['1.2', '1.2.1'],
    ['1.2-alpine3.9', '1.2-alpine3.20'],
    ['1.2-alpine3.20', '1.2.0-alpine3.9'],
    ['1.2.3-1', '1.2.3-2'],
    ['2026-01-09', '2026-01-10'],
    ['build-9', 'build-10'],
    ['build-09', 'build-10'],
    ['1234567890123456788', '1234567890123456789'],
    ['r99999999999999999999', 'r100000000000000000000'],
  ])('%s is before %s', (lower, higher) => {
    expect(order(lower, higher)).toBe(-1);
    expect(order(higher, lower)).toBe(1);
  });

  test.each([
    ['v1.2.0', '1.2.0'],
    ['1.02', '1.2'],
    ['1.2-rc1', '1.2-RC.1'],
    ['build-09', 'build-9'],
  ])('%s and %s are told apart, always alike', (a, b) => {
    expect(order(a, b)).not.toBe(0);
    expect(order(a, b)).toBe(-order(b, a));
  });
});

describe('for any tags', () => {
  test('the order is total: no two texts are equal, and both ways agree', () => {
    fc.assert(
      fc.property(anyTag, anyTag, (a, b) => {
        expect(order(a, b) === 0).toBe(a === b);
        expect(order(a, b) + order(b, a)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('the order is transitive', () => {
    fc.assert(
      fc.property(anyTag, anyTag, anyTag, (a, b, c) => {
        fc.pre(order(a, b) > 0 && order(b, c) > 0);
        expect(order(a, c)).toBe(1);
      }),
      { numRuns: 3000 },
    );
  });

  test('a list comes out the same, however the registry gave it', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(anyTag, { maxLength: 20 })
          .chain((tags) => fc.tuple(fc.constant(tags), fc.shuffledSubarray(tags, { minLength: tags.length }))),
        ([tags, shuffled]) => {
          expect(newestFirst(shuffled)).toEqual(newestFirst(tags));
        },
      ),
    );
  });
});

test('a list for people: versions, then builds, commits and moving names, latest last', () => {
  const tags = ['latest', 'main', '1.9', 'abcdef1', '1.10-alpine', 'build-10', '1.10', 'build-9', '1.10'];
  expect(newestFirst(tags)).toEqual(['1.10', '1.10-alpine', '1.9', 'build-10', 'build-9', 'abcdef1', 'main', 'latest']);
});
