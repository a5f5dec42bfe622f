import fc from 'fast-check';
import {
  applyMetadata,
  changedKeys,
  type KeyChange,
  type Metadata,
  metadataChangeOf,
  metadataProblems,
} from '../../../src/domain/cloudFoundry/metadata';
import { V3Problem } from '../../../src/domain/cloudFoundry/problem';

const ofLabels = (labels: unknown) => metadataProblems({ labels });
const ofAnnotations = (annotations: unknown) => metadataProblems({ annotations });
/** What a function throws; fails when it throws nothing. */
function problemOf(work: () => unknown): V3Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof V3Problem) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
/** An object of `count` entries k0, k1, ... */
const entries = <Value>(count: number, value: Value, from = 0): Record<string, Value> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, value]));

const label63 = 'a'.repeat(63);
/** 253 characters: three labels of 63 and one of 61. */
const prefix253 = `${label63}.${label63}.${label63}.${'a'.repeat(61)}`;

describe('what metadata is', () => {
  test.each([
    ['absent', undefined],
    ['empty', {}],
    ['null for labels and annotations', { labels: null, annotations: null }],
    ['empty labels and annotations', { labels: {}, annotations: {} }],
  ])('%s is good and asks for nothing', (_, metadata) => {
    expect(metadataProblems(metadata)).toEqual([]);
    expect(metadataChangeOf(metadata)).toEqual({ labels: [], annotations: [] });
  });

  test.each([null, [], [1], 'text', 7, true, ''])('%j is no object', (metadata) => {
    expect(metadataProblems(metadata)).toEqual(["'metadata' must be an object"]);
  });

  test.each(['labels', 'annotations'])('%s that are no object are named', (kind) => {
    for (const wrong of [[], 'text', 7, false, '', 0]) {
      expect(metadataProblems({ [kind]: wrong })).toEqual([`'metadata.${kind}' must be an object`]);
    }
  });

  test('every unknown member is named, beside all other problems', () => {
    expect(metadataProblems({ label: {}, labels: { a: 1 }, annotations: 'x', Annotations: null })).toEqual([
      "'metadata' has the unknown member 'label'",
      "'metadata' has the unknown member 'Annotations'",
      "the value of 'a' in 'metadata.labels' must be a string or null",
      "'metadata.annotations' must be an object",
    ]);
  });
});

const goodKeys = [
  'a',
  '7',
  'Release',
  'a_b-c.d',
  label63,
  'constructor',
  'cloudfoundry.org',
  'example.com/a',
  'EXAMPLE.com/a',
  '1.2/3',
  'a--b.c/d',
  `${label63}.x/${label63}`,
  `${prefix253}/${label63}`,
  'sub.cloudfoundry.org/a',
  'cloudfoundry.org.example/a',
  'xcloudfoundry.org/a',
];

/** Bad keys with what they are told, in the order of the checks. */
const badKeys: [key: string, fault: string][] = [
  ['', 'is empty'],
  ['a.b/c/d', "more than one '/'"],
  ['//', "more than one '/'"],
  ['no dot/-/', "more than one '/'"],
  ['/a', 'no DNS name'],
  ['/', 'no DNS name'],
  ['plain/a', 'no DNS name'],
  ['a..b/c', 'no DNS name'],
  ['.a.b/c', 'no DNS name'],
  ['a.b./c', 'no DNS name'],
  ['-a.b/c', 'no DNS name'],
  ['a-.b/c', 'no DNS name'],
  ['a_b.c/d', 'no DNS name'],
  ['a b.c/d', 'no DNS name'],
  ['a.b\n/c', 'no DNS name'],
  ['ä.de/c', 'no DNS name'],
  [`${label63}a.b/c`, 'no DNS name'],
  [`${'a.'.repeat(200)}-/`, 'no DNS name'],
  [`${prefix253}a/c`, 'prefix of more than 253'],
  [`${prefix253}.a/`, 'prefix of more than 253'],
  ['cloudfoundry.org/a', 'reserved'],
  ['CloudFoundry.ORG/a', 'reserved'],
  ['cloudfoundry.org/', 'reserved'],
  ['cloudfoundry.org/-$', 'reserved'],
  ['a.b/', 'empty name'],
  ['a b', 'characters other'],
  ['-a$', 'characters other'],
  ['ä', 'characters other'],
  ['a\n', 'characters other'],
  ['a=b', 'characters other'],
  [`a.b/${'$'.repeat(64)}`, 'characters other'],
  ['-a', 'begin and end'],
  ['a-', 'begin and end'],
  ['_', 'begin and end'],
  ['.', 'begin and end'],
  ['__proto__', 'begin and end'],
  ['a.b/a.', 'begin and end'],
  [`${'a'.repeat(64)}-`, 'begin and end'],
  ['a'.repeat(64), 'more than 63'],
  [`a.b/${'a'.repeat(64)}`, 'more than 63'],
];

describe('keys', () => {
  test.each(goodKeys)('%s is good', (key) => {
    expect(ofLabels({ [key]: 'x' })).toEqual([]);
    expect(ofLabels({ [key]: null })).toEqual([]);
    expect(ofAnnotations({ [key]: 'x' })).toEqual([]);
  });

  test.each(badKeys)('%j %s', (key, fault) => {
    // As JSON makes them: a member called __proto__ is one of the object's own.
    const body = (value: string | null) => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`);
    for (const problems of [ofLabels(body('x')), ofLabels(body(null)), ofAnnotations(body('x'))]) {
      expect(problems).toEqual([expect.stringContaining(fault)]);
      expect(problems[0]).toContain(`'${key.slice(0, 300)}`);
    }
  });

  test.each(badKeys)('%j as an annotation that goes is not checked, and removes nothing', (key) => {
    const metadata = { annotations: JSON.parse(`{${JSON.stringify(key)}:null}`) };
    expect(metadataProblems(metadata)).toEqual([]);
    const present: Metadata = { labels: {}, annotations: { a: '1', c: '2' } };
    expect(applyMetadata(present, metadataChangeOf(metadata))).toEqual(present);
  });

  test('all bad ones are named, each with its first fault', () => {
    const problems = metadataProblems({ labels: { '-$': 'x', good: 'x', 'b/c': 'x' }, annotations: { '': 'x', 'c-': 'x' } });
    expect(problems).toEqual([
      "the key '-$' in 'metadata.labels' has characters other than letters, digits, '_', '-' and '.'",
      "the key 'b/c' in 'metadata.labels' has a prefix that is no DNS name with a dot",
      "the key '' in 'metadata.annotations' is empty",
      "the key 'c-' in 'metadata.annotations' does not begin and end with a letter or a digit",
    ]);
  });

  test('an endless one is not repeated as a whole', () => {
    const [problem = ''] = ofLabels({ ['a'.repeat(100_000)]: 'x' });
    expect(problem.length).toBeLessThan(500);
  });

  test('those that the grammar makes are good, and keep their parts', () => {
    const alphanumeric = [...'abcXYZ019'];
    const inner = fc.string({ unit: fc.constantFrom(...alphanumeric, '-', '_', '.'), maxLength: 61 });
    const end = fc.constantFrom(...alphanumeric);
    const name = fc.tuple(end, inner, end).map((parts) => parts.join(''));
    const dnsLabel = fc
      .tuple(end, fc.string({ unit: fc.constantFrom(...alphanumeric, '-'), maxLength: 20 }), end)
      .map((parts) => parts.join(''));
    const prefix = fc.array(dnsLabel, { minLength: 2, maxLength: 10 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.option(prefix, { nil: '' }), name, (thePrefix, theName) => {
        const key = thePrefix === '' ? theName : `${thePrefix}/${theName}`;
        expect(ofLabels({ [key]: theName })).toEqual([]);
        expect(metadataChangeOf({ labels: { [key]: theName } }).labels).toEqual([
          { prefix: thePrefix, name: theName, value: theName },
        ]);
      }),
    );
  });

  test('any text either follows the rule, written as one pattern, or is named', () => {
    const dnsLabel = '(?!-)[A-Za-z0-9-]{1,63}(?<!-)';
    const rule = new RegExp(
      `^(?:(?=[^/]{1,253}/)(?!cloudfoundry\\.org/)${dnsLabel}(?:\\.${dnsLabel})+/)?(?![-_.])[A-Za-z0-9_.-]{1,63}(?<![-_.])$`,
    );
    const text = fc.oneof(fc.string({ unit: fc.constantFrom('a', '7', '-', '_', '.', '/', ' '), maxLength: 9 }), fc.string());
    fc.assert(
      fc.property(text, (key) => {
        const problems = ofLabels(Object.fromEntries([[key, '']]));
        expect(problems).toHaveLength(rule.test(key) ? 0 : 1);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('values of labels', () => {
  test.each(['', 'a', 'Stable', '1.25', 'a_b-c.d', label63])('%j is good', (value) => {
    expect(ofLabels({ k: value })).toEqual([]);
  });

  test.each([
    ['a b', 'characters other'],
    [' ', 'characters other'],
    ['a/b', 'characters other'],
    ['é', 'characters other'],
    ['a\n', 'characters other'],
    ['-a', 'begin and end'],
    ['a.', 'begin and end'],
    ['a'.repeat(64), 'more than 63'],
  ])('%j: %s', (value, fault) => {
    expect(ofLabels({ k: value })).toEqual([expect.stringContaining(fault)]);
    expect(ofLabels({ k: value })[0]).toContain("the value of 'k' in 'metadata.labels'");
  });
});

describe('values of annotations', () => {
  test.each(['', ' ', 'any text, {"at": "all"}\n', '-', 'x'.repeat(5000), '🚀'.repeat(5000)])('good: %#', (value) => {
    expect(ofAnnotations({ k: value })).toEqual([]);
  });

  test.each(['x'.repeat(5001), '🚀'.repeat(5001)])('longer than 5000 characters: %#', (value) => {
    expect(ofAnnotations({ k: value })).toEqual(["the value of 'k' in 'metadata.annotations' has more than 5000 characters"]);
  });
});

test.each(['labels', 'annotations'])('values of %s that are neither text nor null are refused, and not made text', (kind) => {
  for (const value of [0, 1, true, false, {}, [], ['x'], 1.5]) {
    expect(metadataProblems({ [kind]: { k: value } })).toEqual([
      `the value of 'k' in 'metadata.${kind}' must be a string or null`,
    ]);
  }
});

test('a key and its value may both be wrong', () => {
  expect(ofLabels({ '-k': 1 })).toEqual([
    "the key '-k' in 'metadata.labels' does not begin and end with a letter or a digit",
    "the value of '-k' in 'metadata.labels' must be a string or null",
  ]);
});

test('no body at all makes the check fail', () => {
  fc.assert(
    fc.property(fc.anything(), fc.jsonValue(), (anything, json) => {
      for (const metadata of [anything, json, { labels: anything, annotations: json }]) {
        const problems = metadataProblems(metadata);
        if (problems.length === 0) applyMetadata({ labels: {}, annotations: {} }, metadataChangeOf(metadata));
      }
    }),
  );
});

describe('a change', () => {
  const present: Metadata = { labels: { a: '1', 'p.q/a': '2', b: '3' }, annotations: { note: 'x' } };
  const changed = (metadata: unknown) => applyMetadata(present, metadataChangeOf(metadata));

  test('sets, replaces, removes, and keeps what it does not name', () => {
    expect(changed({ labels: { a: 'new', c: '', b: null } })).toEqual({
      labels: { a: 'new', 'p.q/a': '2', c: '' },
      annotations: { note: 'x' },
    });
    expect(changed({ annotations: { note: null, other: '' } })).toEqual({ ...present, annotations: { other: '' } });
  });

  test('of a prefixed key leaves the plain one, and the other way round', () => {
    expect(changed({ labels: { 'p.q/a': null } }).labels).toEqual({ a: '1', b: '3' });
    expect(changed({ labels: { a: null } }).labels).toEqual({ 'p.q/a': '2', b: '3' });
  });

  test('that removes what is not there changes nothing', () => {
    expect(changed({ labels: { A: null, 'P.q/a': null, none: null }, annotations: { none: null } })).toEqual(present);
  });

  test('leaves what it is applied to as it was', () => {
    changed({ labels: { a: null, z: 'z' } });
    expect(present.labels).toEqual({ a: '1', 'p.q/a': '2', b: '3' });
  });

  test('gives keys in order: plain ones first, then by prefix and name', () => {
    const labels = { 'b.c/a': '', z: '', 'a.b/z': '', B: '', 'a.b/b': '' };
    expect(Object.keys(applyMetadata({ labels: {}, annotations: {} }, metadataChangeOf({ labels })).labels)).toEqual([
      'B',
      'z',
      'a.b/b',
      'a.b/z',
      'b.c/a',
    ]);
  });

  test('names its keys as they were written', () => {
    const change = metadataChangeOf({ labels: { a: null, 'p.q/b': 'x' }, annotations: { c: 'y', 'no key': null } });
    expect(changedKeys(change)).toEqual({ labels: ['a', 'p.q/b'], annotations: ['c'] });
  });

  test('twice is as once', () => {
    const key = fc.constantFrom('a', 'b', 'p.q/a', 'p.q/b', 'r.s/a');
    const value = fc.option(fc.constantFrom('', 'x', 'y'));
    const metadata = fc.record({ labels: fc.dictionary(key, value), annotations: fc.dictionary(key, value) });
    fc.assert(
      fc.property(metadata, (body) => {
        const change = metadataChangeOf(body);
        const once = applyMetadata(present, change);
        expect(applyMetadata(once, change)).toEqual(once);
        for (const { value: wanted, name, prefix } of change.labels as KeyChange[]) {
          expect(once.labels[prefix === '' ? name : `${prefix}/${name}`] ?? null).toBe(wanted);
        }
      }),
    );
  });
});

describe.each([
  ['labels', 50, 'label_limit'],
  ['annotations', 200, 'annotation_limit'],
] as const)('how many %s there may be', (kind, limit, problem) => {
  const having = (count: number): Metadata => ({ labels: {}, annotations: {}, [kind]: entries(count, 'x') });
  const change = (wanted: Record<string, string | null>) => metadataChangeOf({ [kind]: wanted });

  test(`${limit} is the most`, () => {
    expect(Object.keys(applyMetadata(having(0), change(entries(limit, 'x')))[kind])).toHaveLength(limit);
    const refused = problemOf(() => applyMetadata(having(0), change(entries(limit + 1, 'x'))));
    expect(refused.kind).toBe(problem);
    expect(refused.detail).toContain(`${limit + 1} ${kind}`);
    expect(refused.detail).toContain(`at most ${limit}`);
  });

  test('the number sent is told, not what it makes', () => {
    const refused = problemOf(() => applyMetadata(having(limit), change({ one: 'x', two: 'x' })));
    expect(refused.detail).toMatch(new RegExp(`^2 ${kind} .*${limit}`));
  });

  test('one more for one that goes is fine', () => {
    const after = applyMetadata(having(limit), change({ k0: null, other: 'x' }));
    expect(Object.keys(after[kind])).toHaveLength(limit);
    expect(after[kind].other).toBe('x');
  });

  test('what is too much already may be changed and shrink, and not grow', () => {
    const tooMuch = having(limit + 5);
    expect(applyMetadata(tooMuch, change({ k0: 'y' }))[kind].k0).toBe('y');
    expect(applyMetadata(tooMuch, change({ k0: null, other: 'x' }))[kind]).not.toHaveProperty('k0');
    expect(Object.keys(applyMetadata(tooMuch, change({ k0: null, k1: null, other: 'x' }))[kind])).toHaveLength(limit + 4);
    expect(problemOf(() => applyMetadata(tooMuch, change({ other: 'x' }))).kind).toBe(problem);
  });
});

test('the limit of labels is told before that of annotations', () => {
  const change = metadataChangeOf({ labels: entries(51, 'x'), annotations: entries(201, 'x') });
  expect(problemOf(() => applyMetadata({ labels: {}, annotations: {} }, change)).kind).toBe('label_limit');
});
