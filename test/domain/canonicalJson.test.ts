import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { canonicalJson } from '../../src/domain/canonicalJson';

const name = fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => text !== '__proto__');
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    // JSON.parse never gives a negative zero that matters, nor what is no number.
    fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** The same value with its members in another order, everywhere. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}

test('is JSON of the same value', () => {
  fc.assert(fc.property(tree, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
});

test('is the same for any order of members', () => {
  fc.assert(fc.property(tree, (value) => expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))));
});

test('differs when the values differ', () => {
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      const [a, b] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))];
      expect(canonicalJson(a) === canonicalJson(b)).toBe(isDeepStrictEqual(a, b));
    }),
    { numRuns: 1000 },
  );
});

test('does not mind how a text is spelt', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 2, '\t'), (value, indent) => {
      expect(canonicalJson(JSON.parse(JSON.stringify(value, null, indent)))).toBe(
        canonicalJson(JSON.parse(JSON.stringify(value))),
      );
    }),
  );
});

test.each([
  ['1', '1.0', true],
  ['1', '1e0', true],
  ['100', '1E+2', true],
  ['0', '-0', true],
  ['0.1', '0.10', true],
  ['1', '"1"', false],
  ['1', 'true', false],
  ['[]', '{}', false],
  ['null', '{}', false],
  ['[1,2]', '[2,1]', false],
  ['[[1],2]', '[1,[2]]', false],
  ['{"a":null}', '{}', false],
  ['"é"', '"\\u00e9"', true],
  ['"é"', '"e\\u0301"', false],
  ['{"a":{"b":1,"c":2}}', '{"a":{"c":2,"b":1}}', true],
  ['{"10":1,"9":2}', '{"9":2,"10":1}', true],
  ['{"a":"b\\",\\"c\\":1"}', '{"a":"b","c":1}', false],
])('%s and %s are the same: %s', (one, other, same) => {
  expect(canonicalJson(JSON.parse(one)) === canonicalJson(JSON.parse(other))).toBe(same);
});
