import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { matchesTag } from '../../../src/domain/images/tagFilter';
import { tagsToLookUp } from '../../../src/domain/images/tagsToLookUp';
import { anyFilter, anyTag, filterOf } from './digestNotes';

const lookedUp = (filter: string, tags: string[], limit: number) => tagsToLookUp(filterOf(filter), tags, limit);

test('all eligible tags as long as they fit', () => {
  expect(lookedUp('1.*', ['1.2', 'latest', '1.10', '2.0', '1.2'], 2)).toEqual({ tags: ['1.10', '1.2'], cut: false });
});

test('the newest by name when they do not, and says that some are missing', () => {
  expect(lookedUp('*', ['1.2', '1.10', '1.9', '1.11'], 2)).toEqual({ tags: ['1.11', '1.10'], cut: true });
});

test('tags that the filter names are always among them, in its order', () => {
  expect(lookedUp('*,stable,1.0', ['1.2', '1.0', '1.9', 'stable', '1.11'], 3).tags).toEqual(['stable', '1.0', '1.11']);
});

test('a name that does not exist is not looked up', () => {
  expect(lookedUp('stable,1.0', ['1.0'], 3)).toEqual({ tags: ['1.0'], cut: false });
});

test('no family crowds out another', () => {
  const tags = [...Array.from({ length: 50 }, (_, index) => `2.${index}-alpine`), '1.0', '1.1', 'latest'];
  expect(lookedUp('*', tags, 5).tags).toEqual(['1.1', 'latest', '2.49-alpine', '1.0', '2.48-alpine']);
});

test('signatures do not crowd out images', () => {
  const digest = (index: number) => createHash('sha256').update(`${index}`).digest('hex');
  const signatures = Array.from({ length: 50 }, (_, index) => `sha256-${digest(index)}.sig`);
  const { tags } = lookedUp('*', [...signatures, '1.0', '1.1', '1.0-slim', '1.1-slim'], 4);
  expect(tags).toEqual(['1.1', '1.1-slim', '1.0', '1.0-slim']);
});

test('any list: eligible tags only, no more than asked for, the same whatever order they came in', () => {
  const list = fc
    .uniqueArray(anyTag, { maxLength: 25 })
    .chain((tags) => fc.tuple(fc.constant(tags), fc.shuffledSubarray(tags, { minLength: tags.length })));
  fc.assert(
    fc.property(anyFilter, list, fc.integer({ min: 1, max: 12 }), (filter, [tags, shuffled], limit) => {
      const answer = lookedUp(filter, tags, limit);
      const eligible = tags.filter((tag) => matchesTag(filterOf(filter), tag));
      expect(lookedUp(filter, shuffled, limit)).toEqual(answer);
      expect(answer.tags.every((tag) => eligible.includes(tag))).toBe(true);
      expect(new Set(answer.tags).size).toBe(Math.min(limit, eligible.length));
      expect(answer.cut).toBe(eligible.length > limit);
    }),
    { numRuns: 500 },
  );
});

test('fifty thousand tags are looked at in seconds, not minutes', () => {
  const tags = Array.from({ length: 50_000 }, (_, index) => `1.${index % 300}.${index}${index % 3 ? '-alpine' : ''}`);
  // Time of the processor, since other test files run beside this one.
  const before = process.cpuUsage();
  expect(lookedUp('semver:*,*-alpine', tags, 1000)).toMatchObject({ cut: true });
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000_000).toBeLessThan(10);
});
