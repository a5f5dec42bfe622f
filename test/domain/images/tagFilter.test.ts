import { matchesTag, parseTagFilter } from '../../../src/domain/images/tagFilter';

const filterOf = (text: string) => {
  const parsed = parseTagFilter(text);
  if ('issues' in parsed) throw new Error(parsed.issues.map((issue) => issue.message).join(' '));
  return parsed.value;
};
const issuesOf = (text: string) => {
  const parsed = parseTagFilter(text);
  return 'issues' in parsed ? parsed.issues : [];
};
const taken = (filter: string, tags: string[]) => tags.filter((tag) => matchesTag(filterOf(filter), tag));

describe('exact tags and globs', () => {
  test.each([
    ['latest', ['latest'], ['latest-alpine', 'Latest', '1']],
    ['example', ['example'], ['examples']],
    ['RELEASE_2', ['RELEASE_2'], ['release_2']],
    [' latest , 1.25 ', ['latest', '1.25'], ['1.25.3']],
    ['1.*', ['1.2', '1.', '1.2.3-alpine'], ['1', '11.2', 'v1.2']],
    ['*', ['latest', '1', 'a.b-c_d'], []],
    ['*-alpine*', ['1-alpine', '1-alpine3.20'], ['alpine', '1-slim']],
    ['v*.*-rc*', ['v1.2-rc1'], ['v1-rc1']],
  ])('%s', (filter, inside, outside) => {
    expect(taken(filter, [...inside, ...outside])).toEqual(inside);
  });

  test('a dot in a glob is a dot', () => {
    expect(taken('1.2*', ['1.2', '1x2', '1.20'])).toEqual(['1.2', '1.20']);
  });

  test('many stars take no time', () => {
    const started = performance.now();
    expect(taken(`${'*a'.repeat(300)}*b`, ['a'.repeat(128)])).toEqual([]);
    expect(performance.now() - started).toBeLessThan(8000);
  });
});

describe('semver ranges', () => {
  test.each([
    ['^1.2', ['1.2', '1.2.0', '1.9.9', 'v1.3', '1.2.0.1'], ['1', '1.1.9', '2', '2.0.0', '1.3-alpine', '1.3.0-rc1', 'latest']],
    ['^0.2.3', ['0.2.3', '0.2.9'], ['0.2.2', '0.3.0', '0.3']],
    ['^0.0.3', ['0.0.3', '0.0.3.7'], ['0.0.4']],
    ['^0.0', ['0.0.0', '0.0.9'], ['0.1.0']],
    ['^0', ['0.0.1', '0.9'], ['1']],
    ['^1.x', ['1', '1.9.9'], ['2']],
    ['^20', ['20', '20.11.1'], ['21', '19.9']],
    ['~1.4', ['1.4', '1.4.9'], ['1.5', '1.3.9']],
    ['~1.4.2', ['1.4.2', '1.4.9'], ['1.4.1', '1.5']],
    ['~1', ['1', '1.9'], ['2']],
    ['~> 1.4', ['1.4.9'], ['1.5']],
    ['1.x', ['1', '1.0.0', '1.99'], ['0.9', '2']],
    ['1.2.X', ['1.2', '1.2.9'], ['1.3']],
    ['1.2.*', ['1.2.9'], ['1.3']],
    ['1.2', ['1.2', '1.2.9'], ['1.3', '1.1']],
    ['=1.2', ['1.2.9'], ['1.3']],
    ['1.2.3', ['1.2.3', 'v1.2.3', '1.2.3.0'], ['1.2.4', '1.2.3.1', '1.2']],
    ['1.2.3.4', ['1.2.3.4'], ['1.2.3', '1.2.3.5']],
    ['*', ['0', '1.2.3', 'v99'], ['latest', '1.2.3-rc1', '1-alpine', '7f3a2b1']],
    ['>=1.2 <2', ['1.2', '1.99'], ['1.1', '2', '2.0.0-rc1']],
    ['>= 1.2 < 2', ['1.2'], ['2']],
    ['>1.2', ['1.3.0'], ['1.2.9', '1.2']],
    ['>1.2.3', ['1.2.4'], ['1.2.3']],
    ['<=1.2', ['1.2.9', '0.1'], ['1.3']],
    ['<=1.2.3', ['1.2.3'], ['1.2.4']],
    ['<1.2', ['1.1.9'], ['1.2.0', '1.2.0-rc1']],
    ['1.2 - 1.9', ['1.2', '1.9.9'], ['1.1.9', '1.10']],
    ['1.2.3 - 1.2.5', ['1.2.3', '1.2.5'], ['1.2.2', '1.2.6']],
    ['^1.2 || ^3', ['1.5', '3.1'], ['2.0', '4']],
    ['^1.2||3.x', ['1.5', '3.1'], ['2.0']],
  ])('semver:%s', (range, inside, outside) => {
    expect(taken(`semver:${range}`, [...inside, ...outside])).toEqual(inside);
  });

  test.each([
    ['>=2.0.0-beta.2', ['2.0.0-beta.2', '2.0.0-rc1', '2.0.0', '2.1.0'], ['2.0.0-beta.1', '2.1.0-rc1']],
    ['^3.13-rc', ['3.13-rc', '3.13.0rc2', '3.13.1'], ['3.13-beta1', '3.14.0-rc1', '4']],
    ['2.0.0-rc1', ['2.0.0-rc.1'], ['2.0.0', '2.0.0-rc2']],
    ['^1 || 2.0.0-rc1', ['1.1', '2.0.0-rc1'], ['1.2.0-rc1', '2.0.0']],
  ])('prereleases only where semver:%s names one of the same version', (range, inside, outside) => {
    expect(taken(`semver:${range}`, [...inside, ...outside])).toEqual(inside);
  });

  test.each([
    ['semver:^20@alpine*', ['20-alpine', '20.1-alpine3.20'], ['20', '20-slim', '21-alpine', '20-bookworm-alpine']],
    ['semver:^20@slim', ['20.1-slim'], ['20-bookworm-slim', '20']],
    ['semver:^20@*', ['20.1-slim'], ['20']],
    ['semver:~3.13-rc@slim', ['3.13.0rc1-slim'], ['3.13.0rc1']],
  ])('variants: %s', (filter, inside, outside) => {
    expect(taken(filter, [...inside, ...outside])).toEqual(inside);
  });

  test('ranges and tags stand beside each other', () => {
    expect(taken('semver:>=1.2 <2, latest,edge-*', ['1.3', 'latest', 'edge-7', '2.0', 'edge'])).toEqual([
      '1.3',
      'latest',
      'edge-7',
    ]);
  });
});

describe('bad patterns', () => {
  test.each([
    ['latest,,1', 'Pattern 2 is empty.', 'no comma at the end'],
    [' ', 'Pattern 1 is empty.', 'Write a tag'],
    ['^1.2', 'Pattern "^1.2" is no tag.', 'write "semver:^1.2"'],
    ['>=1 <2', 'Pattern ">=1 <2" is no tag.', 'write "semver:>=1 <2"'],
    ['v.+', 'Pattern "v.+" is no tag.', 'not regular expressions'],
    ['.*', 'starts with ".", which no tag does.', 'Write "*" for any characters'],
    ['[0-9]*', 'holds "[", which no tag has.', 'not regular expressions'],
    ['acme/shop', 'is no tag.', 'imageName'],
    ['sha256:9f2c', 'is a digest.', 'imageDigestId'],
    ['-x', 'is no tag.', 'starts with none'],
    ['a'.repeat(129), 'is longer than 128 characters.', 'Shorten it'],
    ['semver:', 'has an empty range.', 'semver:^1.2'],
    ['semver:^1 ||', 'has an empty range.', 'semver:^1.2'],
    ['semver:latest', 'holds "latest", which is no version.', 'Write versions as'],
    ['semver:^', 'has an operator without a version.', 'Write versions as'],
    ['semver:1.x.3', 'holds "1.x.3", which is no version.', 'Write versions as'],
    ['semver:>=1.2<2', 'holds "1.2<2", which is no version.', 'Write versions as'],
    ['semver:>*', 'takes no version with ">*".', 'name a version'],
    ['semver:^20-alpine', 'has the variant "alpine".', '"@alpine"'],
    ['semver:^20@', 'names no variant after "@".', '@alpine*'],
    ['semver:^20@alp?ne', 'holds "?", which no tag has.', 'not regular expressions'],
  ])('%j', (filter, message, hint) => {
    const [issue, ...others] = issuesOf(filter);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ in: 'body', field: 'tagFilter', code: 'pattern' });
    expect(issue?.message).toContain(message);
    expect(issue?.hint).toContain(hint);
  });

  test('each bad pattern is named', () => {
    expect(issuesOf('^1,latest,a b').map((issue) => issue.message)).toEqual([
      'Pattern "^1" is no tag.',
      'Pattern "a b" is no tag.',
    ]);
  });

  test('fifty patterns are the most', () => {
    const tags = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`).join(',');
    expect(filterOf(tags(50))).toHaveLength(50);
    expect(issuesOf(tags(51))).toMatchObject([
      { field: 'tagFilter', message: 'A filter has at most 50 patterns, this one has 51.' },
    ]);
  });
});
