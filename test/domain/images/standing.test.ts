import fc from 'fast-check';
import { type Pins, standingOf } from '../../../src/domain/images/standing';
import { readTag } from '../../../src/domain/images/tag';
import { matchesTag } from '../../../src/domain/images/tagFilter';
import { anyDigests, anyFilter, anyPins, digestsIn, filterOf, running, standing } from './digestNotes';

const service = (serviceId: string, placements: (string | null)[], pinned: string | null = null, channel?: string): Pins => ({
  serviceId,
  placements,
  pinned,
  ...(channel === undefined ? {} : { channel }),
});
const ranksOf = (...args: Parameters<typeof standing>) => standing(...args).digests.map(({ rank }) => rank);
const bestOf = (filter: string, tags: string) => standing(filter, tags).digests[0]?.bestTag;

describe('the family that competes', () => {
  const nodes = '20.1-slim / 20.2-slim / 20.3-alpine / 20.4';

  test('is that of the tag that runs', () => {
    expect(standing('*', nodes, running('20.1-slim'))).toMatchObject({ latestTag: '20.2-slim', updateAvailable: true });
  });

  test('is that of the tag that is pinned, while nothing runs', () => {
    expect(standing('*', nodes, service('a', [], '20.3-alpine'))).toMatchObject({
      latestTag: '20.3-alpine',
      updateAvailable: false,
    });
  });

  test('is told by the channel when the digest that runs has lost its tags', () => {
    const notes = `${nodes} / none`;
    expect(standing('*', notes, service('a', ['none4'], null, '20-slim')).latestTag).toBe('20.2-slim');
    expect(standing('*', notes, service('a', ['none4'])).latestTag).toBe('20.4');
  });

  test('is told by what a moving channel points at now when the digest that runs has lost its tags', () => {
    const notes = '1.27-alpine alpine / 1.28 latest / none';
    expect(standing('*', notes, service('a', ['none2'], null, 'alpine'))).toMatchObject({
      latestTag: '1.27-alpine',
      updateAvailable: true,
    });
  });

  test('is told alike when two digests claim the channel, whichever comes first', () => {
    const digests = digestsIn('1.27-alpine / 1.27-slim / none');
    const claimed = digests.map((digest, index) => (index < 2 ? { ...digest, tags: [...digest.tags, 'edge'] } : digest));
    const latest = (known: typeof claimed) => standingOf(filterOf('*'), known, [service('a', ['none2'], null, 'edge')]).latestTag;
    expect([latest(claimed), latest([...claimed].reverse())]).toEqual(['1.27-alpine', '1.27-alpine']);
  });

  test('is not told by a moving tag of a digest that has another', () => {
    const notes = '1.26-alpine stable-alpine / 1.27-alpine / 1.28 latest';
    expect(standing('stable-alpine,*', notes, running('1.26-alpine')).latestTag).toBe('1.27-alpine');
    expect(standing('*', notes, service('a', ['1.26-alpine'], null, 'stable-alpine')).latestTag).toBe('1.27-alpine');
  });

  test('is told by the channel when the digest that runs has several', () => {
    const notes = '20.1-bookworm-slim 20.1-slim / 20.2-trixie-slim 20.2-slim / 20.3-bookworm-slim';
    expect(standing('*', notes, service('a', ['20.1-bookworm-slim'], null, '20-slim')).latestTag).toBe('20.2-slim');
    expect(standing('*', notes, service('a', ['20.1-bookworm-slim'])).latestTag).toBe('20.3-bookworm-slim');
    expect(standing('*', notes, service('a', ['20.1-bookworm-slim'], null, 'latest')).latestTag).toBe('20.3-bookworm-slim');
  });

  test('is not that of what runs once the filter no longer takes the family', () => {
    const changed = standing('semver:*', nodes, running('20.1-slim'));
    expect(changed).toMatchObject({ currentTag: '20.1-slim', latestTag: '20.4', updateAvailable: true });
  });

  test.each([
    ['semver:*@slim,semver:*', '20.2-slim'],
    ['20.1-slim,*', '20.2-slim'],
    ['*,semver:*@alp*', '20.3-alpine'],
    ['*-slim,*', '20.2-slim'],
    ['semver:*@perl,semver:*@slim', '20.2-slim'],
    ['*', '20.4'],
    ['*-*', '20.3-alpine'],
  ])('is by the filter %s while nothing runs: %s', (filter, newest) => {
    expect(standing(filter, nodes).newestId).toBe(newest);
  });

  test('is the oldest service’s for the image, and each service has its own', () => {
    const both = standing('*', nodes, service('b', ['20.4']), service('a', ['20.1-slim']));
    expect(both).toMatchObject({ currentTag: '20.1-slim', latestTag: '20.2-slim', updateAvailable: true });
    expect(both.services).toEqual([
      { id: 'b', updateAvailable: false, newestId: '20.4', latestTag: '20.4', currentTag: '20.4' },
      { id: 'a', updateAvailable: true, newestId: '20.2-slim', latestTag: '20.2-slim', currentTag: '20.1-slim' },
    ]);
  });
});

describe('kinds in one family', () => {
  test('versions go before all else, and what does not compete has no rank', () => {
    expect(ranksOf('*', '1.0 / 1.1 / abcdef1 pushed:9 / latest pushed:9')).toEqual([1, 2, null, null]);
  });

  test('moving tags go before commits', () => {
    expect(ranksOf('*', 'abcdef1 built:9 / main built:1')).toEqual([1, 2]);
  });

  test('a moving tag that runs competes with the versions beside it', () => {
    expect(standing('*', '1.0 / 1.1 / edge', running('edge'))).toMatchObject({ latestTag: '1.1', updateAvailable: true });
  });

  test('a commit that runs competes with commits only', () => {
    const notes = '1.0 abcdef1 built:1 / abcdef2 built:3 / abcdef3 built:2 / main built:9';
    expect(standing('*', notes, running('abcdef3'))).toMatchObject({ latestTag: 'abcdef2', updateAvailable: true });
  });

  test('a number as long as the commits beside it is a commit, a day is not', () => {
    expect(standing('*', 'abcdef1 built:2 / 1234567 built:1').latestTag).toBe('abcdef1');
    expect(standing('*', 'abcdef12 built:2 / 20260109 built:1').latestTag).toBe('20260109');
    expect(standing('*', 'abcdef12 built:2 / 1234567 built:1').latestTag).toBe('1234567');
  });
});

describe('by time, where names tell no order', () => {
  test('digests that cannot be told apart share a rank, and no newest is named', () => {
    const first = standing('*', 'abcdef1 / abcdef2 / abcdef3', running('abcdef1'));
    expect(first).toMatchObject({ newestId: null, latestTag: null, orderUnknown: true, updateAvailable: false });
    expect(first.digests.map(({ rank }) => rank)).toEqual([1, 1, 1]);
  });

  test('older ones that cannot be told apart do not matter', () => {
    const later = standing('*', 'abcdef1 / abcdef2 / abcdef3 seen:2', running('abcdef1'));
    expect(later).toMatchObject({ newestId: 'abcdef3', orderUnknown: false, updateAvailable: true });
    expect(later.digests.map(({ rank }) => rank)).toEqual([1, 1, 2]);
  });

  test('push goes before build, build before first seen', () => {
    const notes = 'abcdef1 pushed:2 built:1 seen:1 / abcdef2 pushed:1 built:2 seen:2';
    expect(standing('*', notes).newestId).toBe('abcdef1');
    expect(standing('*', notes.replace(/pushed:\d/g, '')).newestId).toBe('abcdef2');
    expect(standing('*', notes.replace(/(pushed|built):\d/g, '')).newestId).toBe('abcdef2');
  });

  test('the same push is decided by build', () => {
    expect(standing('*', 'abcdef1 pushed:1 built:2 / abcdef2 pushed:1 built:1').newestId).toBe('abcdef1');
  });

  test('the fixed build time of reproducible builds is none', () => {
    const [first, second] = digestsIn('abcdef1 / abcdef2 seen:2');
    const digests = [
      { ...first, builtAt: '1980-01-01T00:00:01Z' },
      { ...second, builtAt: '1970-01-01T00:00:00Z' },
    ] as ReturnType<typeof digestsIn>;
    expect(standingOf(filterOf('*'), digests, []).newestId).toBe('abcdef2');
  });

  test('moving tags of earlier patterns are newer, whatever their time', () => {
    expect(ranksOf('lts,stable,edge', 'edge pushed:9 / stable pushed:8 / lts pushed:7')).toEqual([1, 2, 3]);
  });

  test('nothing to choose from is not an unknown order', () => {
    expect(standing('9.*', '1.0 / 1.1')).toMatchObject({ newestId: null, orderUnknown: false });
    expect(standingOf(filterOf('*'), [], [])).toMatchObject({ newestId: null, orderUnknown: false, digests: [] });
  });
});

describe('a single exact tag', () => {
  test('is what it points at now, even if that is an older build', () => {
    const moved = standing('latest', 'none built:9 seen:1 / latest built:1 seen:1', running('none0'));
    expect(moved).toMatchObject({ newestId: 'latest', latestTag: 'latest', updateAvailable: true, currentTag: null });
  });

  test('goes back to an older version as well', () => {
    expect(standing('stable', '1.1 / 1.0 stable', running('1.1'))).toMatchObject({ newestId: '1.0', updateAvailable: true });
  });
});

describe('best tag', () => {
  test.each([
    ['latest,*', '1.25 latest', 'latest'],
    ['stable,1.25,*', '1.25 stable 1.25.3', 'stable'],
    ['semver:*', '1.25 1.25.3 1 latest', '1.25.3'],
    ['*', '1.25 1.25.0 1', '1.25.0'],
    ['*', '1.25.0 1.25.0-alpine', '1.25.0'],
    ['*', '1.25-alpine 1.25-alpine3.20', '1.25-alpine'],
    ['*', 'latest main', 'main'],
    ['*', 'latest abcdef1', 'abcdef1'],
    ['9.*', '1.24 1.25 latest', '1.25'],
    ['9.*', 'latest edge', 'edge'],
    ['9.*', 'latest', 'latest'],
    ['*', 'none', null],
  ])('with %s, a digest with %s is called %s', (filter, tags, best) => {
    expect(bestOf(filter, tags)).toBe(best);
  });

  test('is of the family that competes, as far as the digest has one of it', () => {
    const known = standing('*', '1.1-jre 1.2-jdk / 1.0-jre / 1.3', running('1.0-jre'));
    expect(known).toMatchObject({ latestTag: '1.1-jre', currentTag: '1.0-jre' });
    expect(known.digests.map(({ bestTag }) => bestTag)).toEqual(['1.1-jre', '1.0-jre', '1.3']);
  });
});

describe('what runs, and updates', () => {
  const notes = '1.0 / 1.1 / 1.2 / 0.9-other';

  test('an image that is neither deployed nor pinned only shows its latest tag', () => {
    expect(standing('*', notes)).toMatchObject({
      latestTag: '1.2',
      updateAvailable: false,
      currentTag: null,
      deployedDigestId: null,
    });
    expect(standing('*', notes, service('a', []), service('b', [null])).updateAvailable).toBe(false);
  });

  test('the newest runs already', () => {
    expect(standing('*', notes, running('1.2'))).toMatchObject({ updateAvailable: false, deployedDigestId: '1.2' });
  });

  test('one placement that is behind is enough', () => {
    const mixed = standing('*', notes, running('1.2', '1.0'));
    expect(mixed).toMatchObject({ updateAvailable: true, deployedDigestId: null, currentTag: '1.2' });
  });

  test('one service that is behind is enough, and only that one has an update', () => {
    const { services, updateAvailable } = standing('*', notes, service('a', ['1.2']), service('b', ['1.1']));
    expect(services.map((each) => each.updateAvailable)).toEqual([false, true]);
    expect(updateAvailable).toBe(true);
  });

  test('a placement without a digest waits for what is pinned', () => {
    expect(standing('*', notes, service('a', [null], '1.0'))).toMatchObject({
      updateAvailable: true,
      currentTag: '1.0',
      deployedDigestId: null,
    });
    expect(standing('*', notes, service('a', ['1.2', null], '1.2'))).toMatchObject({
      updateAvailable: false,
      deployedDigestId: null,
    });
  });

  test('what runs counts, not what is pinned beside it', () => {
    expect(standing('*', notes, service('a', ['1.2'], '1.0')).updateAvailable).toBe(false);
    expect(standing('*', notes, service('a', ['1.0'], '1.2')).updateAvailable).toBe(true);
  });

  test('what runs somewhere is current, before what is pinned elsewhere', () => {
    const { currentTag, deployedDigestId } = standing('*', notes, service('a', [], '1.0'), service('b', ['1.1']));
    expect([currentTag, deployedDigestId]).toEqual(['1.1', '1.1']);
  });

  test('a digest without tags is older than any other', () => {
    expect(standing('*', `${notes} / none`, running('none4')).updateAvailable).toBe(true);
  });

  test('a digest that the filter no longer takes is older than any other', () => {
    expect(standing('semver:~1.1', notes, running('1.2'))).toMatchObject({ latestTag: '1.1', updateAvailable: true });
  });

  test('another family is no update for a placement that runs one of its own', () => {
    expect(standing('*', '1.0-slim / 1.1', running('1.0-slim')).updateAvailable).toBe(false);
    expect(standing('*', '1.0 / 1.0-slim', running('1.0', '1.0-slim')).updateAvailable).toBe(false);
  });
});

describe('for any digests', () => {
  const anyImage = fc
    .record({ filter: anyFilter, digests: anyDigests, pinsOf: anyPins })
    .map(({ filter, digests, pinsOf }) => ({ filter, digests, pins: pinsOf(digests) }));
  const byId = <T extends { id: string }>(entries: readonly T[]) => [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));

  test('the order of digests, their tags and services makes no difference', () => {
    fc.assert(
      fc.property(anyImage, ({ filter, digests, pins }) => {
        const straight = standingOf(filterOf(filter), digests, pins);
        const turned = digests.map((digest) => ({ ...digest, tags: [...digest.tags].reverse() })).reverse();
        const reversed = standingOf(filterOf(filter), turned, [...pins].reverse());
        expect({ ...reversed, digests: byId(reversed.digests), services: byId(reversed.services) }).toEqual({
          ...straight,
          digests: byId(straight.digests),
          services: byId(straight.services),
        });
      }),
      { numRuns: 1000 },
    );
  });

  test('the newest is eligible, called by a tag that the filter takes, and has the highest rank', () => {
    fc.assert(
      fc.property(anyImage, ({ filter, digests, pins }) => {
        const { newestId, latestTag, digests: seen, orderUnknown } = standingOf(filterOf(filter), digests, pins);
        expect(newestId === null).toBe(latestTag === null);
        if (newestId === null) return expect(orderUnknown).toBe(seen.some(({ eligible }) => eligible));
        const newest = seen.find(({ id }) => id === newestId);
        const highest = Math.max(...seen.map(({ rank }) => rank ?? 0));
        expect(newest).toMatchObject({ eligible: true, bestTag: latestTag, rank: highest });
        expect(seen.filter(({ rank }) => rank === highest)).toHaveLength(1);
        expect(matchesTag(filterOf(filter), latestTag as string)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('all that compete share a family, and no service is offered another one than it runs', () => {
    fc.assert(
      fc.property(anyImage, ({ filter, digests, pins }) => {
        const taken = filterOf(filter);
        const families = (id: string | null) =>
          (digests.find((digest) => digest.id === id)?.tags ?? [])
            .filter((tag) => matchesTag(taken, tag))
            // A number that stands among commits is one of them, as its own test says.
            .map((tag) => readTag(tag).family);
        const { digests: seen, services } = standingOf(taken, digests, pins);
        const competing = seen.filter(({ rank }) => rank !== null).map(({ id }) => families(id));
        const shared = competing.reduce((left, right) => left.filter((family) => right.includes(family)), competing[0] ?? []);
        expect(shared.length > 0).toBe(competing.length > 0);
        for (const { id, newestId, updateAvailable } of services.filter((each) => each.updateAvailable)) {
          const pin = pins.find(({ serviceId }) => serviceId === id) as Pins;
          const runs = [...pin.placements.map((placement) => placement ?? pin.pinned), pin.pinned].filter((run) => run !== null);
          const alike = runs.some(
            (run) => families(run).length === 0 || families(run).some((family) => families(newestId).includes(family)),
          );
          expect({ updateAvailable, alike }).toEqual({ updateAvailable: true, alike: true });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('ranks are whole numbers from 1 without gaps, and only eligible digests have one', () => {
    fc.assert(
      fc.property(anyImage, ({ filter, digests, pins }) => {
        const { digests: seen } = standingOf(filterOf(filter), digests, pins);
        const ranks = [...new Set(seen.flatMap(({ rank }) => (rank === null ? [] : [rank])))].sort((a, b) => a - b);
        expect(ranks).toEqual(ranks.map((_, index) => index + 1));
        expect(seen.every(({ rank, eligible }) => rank === null || eligible)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test('of five thousand digests of two families, the newest of the one that runs', () => {
  const digests = Array.from({ length: 5000 }, (_, index) => ({
    id: `${index}`.padStart(5, '0'),
    tags: [`1.${index % 70}.${index}${index % 2 ? '-alpine3.20' : ''}`],
    pushedAt: null,
    builtAt: null,
    discoveredAt: '2026-01-01T00:00:00Z',
  }));
  const filter = filterOf('semver:^1,semver:^1@alpine*,latest');
  expect(standingOf(filter, digests, [running('00001')]).newestId).toBe('04969');
});
