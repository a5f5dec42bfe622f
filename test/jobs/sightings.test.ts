import { type ImageReading, movedCount, type SeenTag, sightingsOf } from '../../src/jobs/images/sightings';
import type { StoredDigest } from '../../src/store/imageWalks';

const stored = (digest: string, tags: string[], other: Partial<StoredDigest> = {}): StoredDigest => {
  return { digest, tags, etag: null, hasFacts: true, hasPushedAt: false, seenLately: true, ...other };
};
const seen = (digest: string, other: Partial<SeenTag> = {}): SeenTag => {
  return { digest, etag: null, mediaType: 'index', pushedAt: null, ...other };
};
const reading = (tags: Record<string, SeenTag | null>, other: Partial<ImageReading> = {}): ImageReading => {
  const listed = new Set(Object.keys(tags).filter((tag) => tags[tag] !== null));
  return { listed, truncated: false, seen: new Map(Object.entries(tags)), facts: new Map(), unreadable: new Set(), ...other };
};
const tagsOf = (known: StoredDigest[], now: ImageReading) =>
  Object.fromEntries(sightingsOf(known, now).map(({ digest, tags }) => [digest, tags]));

test('what is as it was is not written', () => {
  expect(sightingsOf([stored('a', ['1', '2'])], reading({ '2': seen('a'), '1': seen('a') }))).toEqual([]);
});

test.each<[string, StoredDigest[], ImageReading, Record<string, string[]>]>([
  ['a tag moves', [stored('a', ['1', 'latest'])], reading({ '1': seen('a'), latest: seen('b') }), { a: ['1'], b: ['latest'] }],
  ['a tag is gone from the list', [stored('a', ['1', '2'])], reading({ '1': seen('a') }), { a: ['1'] }],
  ['a tag is gone when it is looked up', [stored('a', ['1', '2'])], reading({ '1': seen('a'), '2': null }), { a: ['1'] }],
  ['all tags are gone', [stored('a', ['1'])], reading({}), { a: [] }],
  [
    'a tag that nobody looked up stays while it is listed',
    [stored('a', ['1', 'x'])],
    reading({}, { listed: new Set(['x']) }),
    { a: ['x'] },
  ],
  [
    'a list that was cut says nothing of what is missing',
    [stored('a', ['1', 'x'])],
    reading({ '1': seen('b') }, { truncated: true }),
    { a: ['x'], b: ['1'] },
  ],
  ['it was last seen some time ago', [stored('a', ['1'], { seenLately: false })], reading({ '1': seen('a') }), { a: ['1'] }],
  ['its ETag is another one', [stored('a', ['1'], { etag: 'x' })], reading({ '1': seen('a', { etag: 'y' }) }), { a: ['1'] }],
])('%s', (_, known, now, expected) => {
  expect(tagsOf(known, now)).toEqual(expected);
});

test('facts are made up for, and what cannot be read is not asked for again', () => {
  const known = [stored('a', ['1'], { hasFacts: false }), stored('b', ['2'], { hasFacts: false })];
  const tags = { '1': seen('a'), '2': seen('b') };
  expect(sightingsOf(known, reading(tags))).toEqual([]);
  const facts = {
    digest: 'a',
    mediaType: 'm',
    configDigest: 'c',
    platforms: ['linux/amd64'],
    sizeBytes: 7,
    builtAt: null,
    config: null,
  };
  const now = reading(tags, { facts: new Map([['a', facts]]), unreadable: new Set(['b']) });
  expect(sightingsOf(known, now).map((sighting) => sighting.facts)).toEqual([
    { configDigest: 'c', platforms: ['linux/amd64'], sizeBytes: 7, builtAt: null },
    { configDigest: null, platforms: [], sizeBytes: null, builtAt: null },
  ]);
});

test('a digest was pushed with the first of its tags', () => {
  const tags = {
    '1': seen('a', { pushedAt: '2026-03-02T00:00:00.000Z' }),
    '1.0': seen('a', { pushedAt: '2026-03-01T00:00:00.000Z' }),
  };
  expect(sightingsOf([], reading(tags))[0]?.pushedAt).toBe('2026-03-01T00:00:00.000Z');
});

test('moved are known digests whose tags changed', () => {
  const known = [stored('a', ['1', 'latest']), stored('b', ['2'], { seenLately: false })];
  const now = sightingsOf(known, reading({ '1': seen('a'), '2': seen('b'), latest: seen('c') }));
  expect(now.map(({ digest }) => digest)).toEqual(['a', 'b', 'c']);
  expect(movedCount(known, now)).toBe(1);
});
