import fc from 'fast-check';
import type { KnownDigest } from '../../../src/domain/images/candidates';
import { type Pins, type Standing, standingOf } from '../../../src/domain/images/standing';
import { parseTagFilter, type TagFilter } from '../../../src/domain/images/tagFilter';

/** Digests written down as a person would: `1.25.3 1.25 latest / 1.24.0 / deadbee pushed:3`. */

export function filterOf(text: string): TagFilter {
  const parsed = parseTagFilter(text);
  if ('issues' in parsed) throw new Error(parsed.issues.map((issue) => issue.message).join(' '));
  return parsed.value;
}

const dayOf = (number: string): string => new Date(Date.UTC(2026, 0, Number(number))).toISOString();

/**
 * One digest for each part between slashes, called by its first tag. `pushed:3`, `built:3` and `seen:3` are days of
 * January 2026; without `seen` a digest was found on the 1st. `none` is a digest whose tags have moved away.
 */
export function digestsIn(notes: string): KnownDigest[] {
  return notes.split('/').map((note, index) => {
    const words = note.trim().split(/\s+/);
    const day = (name: string) => words.find((word) => word.startsWith(`${name}:`))?.slice(name.length + 1);
    const time = (name: string) => (day(name) === undefined ? null : dayOf(day(name) as string));
    const tags = words.filter((word) => /^[\w.-]+$/.test(word) && word !== 'none');
    return {
      id: tags[0] ?? `none${index}`,
      tags,
      pushedAt: time('pushed'),
      builtAt: time('built'),
      discoveredAt: time('seen') ?? dayOf('1'),
    };
  });
}

/** A service that runs digests on its placements. */
export const running = (...placements: (string | null)[]): Pins => ({ serviceId: 'service', placements, pinned: null });

export const standing = (filter: string, notes: string, ...pins: Pins[]): Standing =>
  standingOf(filterOf(filter), digestsIn(notes), pins);

/** Tags of every kind, often alike: few numbers and words, so that ties, families and equal versions come up. */
export const anyTag: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', 'v'),
      fc.array(fc.constantFrom('0', '1', '2', '02', '10', '20240109'), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '-rc1', '-rc.2', '-RC1', '-beta', '-dev'),
      fc.constantFrom('', '-alpine', '-alpine3.9', '-alpine3.20', '-slim', '_1', '-2'),
    )
    .map(([prefix, numbers, prerelease, variant]) => `${prefix}${numbers.join('.')}${prerelease}${variant}`),
  fc.constantFrom('latest', 'main', 'stable', 'edge', 'abcdef1', '1234567', 'deadbee', 'sha-abcdef2', 'main-abcdef3'),
  fc.constantFrom('build-9', 'build-10', 'build-09', '2026-01-09', '2026-1-10', '8u392-b08', '12345678901234567', 'r12'),
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,6}$/),
);

const anyTime = fc.constantFrom('1', '2', '3').map(dayOf);

/** Digests of an image as a registry may have them; ids in a mixed order, times often missing or equal. */
export const anyDigests: fc.Arbitrary<KnownDigest[]> = fc
  .tuple(
    fc.uniqueArray(anyTag, { maxLength: 14 }),
    fc.array(fc.record({ pushedAt: fc.option(anyTime), builtAt: fc.option(anyTime), discoveredAt: anyTime }), { maxLength: 9 }),
    fc.shuffledSubarray([...'abcdefghi'], { minLength: 9 }),
  )
  .map(([tags, times, ids]) =>
    times.map((time, index) => ({
      id: ids[index] as string,
      ...time,
      // Now and then two digests claim a tag, as after a refresh that was cut off.
      tags: tags.filter((tag, at) => (at + tag.length) % times.length === index || (at === 0 && index < 2)),
    })),
  );

/** Services that run and pin some of these digests. */
export const anyPins: fc.Arbitrary<(digests: readonly KnownDigest[]) => Pins[]> = fc
  .array(
    fc.record({
      placements: fc.array(fc.option(fc.nat(8)), { maxLength: 3 }),
      pinned: fc.option(fc.nat(8)),
      channel: fc.constantFrom(null, 'latest', '1.2-alpine', '1'),
    }),
    { maxLength: 3 },
  )
  .map((services) => (digests) => {
    const idOf = (index: number | null) => (index === null ? null : (digests[index]?.id ?? null));
    return services.map(({ placements, pinned, channel }, index) => ({
      serviceId: `service ${index}`,
      placements: placements.map(idOf),
      pinned: idOf(pinned),
      channel,
    }));
  });

export const anyFilter: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      '*',
      'latest',
      'edge',
      'stable',
      '1.2',
      '1*',
      '*-alpine',
      'semver:*',
      'semver:^1',
      'semver:*@alpine*',
      'build-*',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((patterns) => patterns.join(','));
