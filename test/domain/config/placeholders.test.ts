import fc from 'fast-check';
import { keysIn, longestRenderedChars, substitute, withoutPlaceholders } from '../../../src/domain/config/placeholders';
import type { Value } from '../../../src/domain/config/values';

const of = (entries: Record<string, string>) => (key: string) =>
  Object.hasOwn(entries, key) ? { value: entries[key] as string, secret: false } : undefined;
const textWith = (entries: Record<string, string>, text: string) => substitute(text, of(entries)).text;

/** Texts that are mostly dollar signs, braces and keys. */
const templates = fc
  .array(
    fc.oneof(
      fc.constantFrom('$', '$$', '${', '}', '{', '${A}', '$${A}', '${B_1}', '${_C}', '${a}', '${1}', '${A B}', '\n'),
      fc.string(),
    ),
  )
  .map((pieces) => pieces.join(''));

describe('placeholders', () => {
  test.each([
    ['${A}', '1'],
    ['x${A}y${A}', 'x1y1'],
    ['${A}${B_2}', '12'],
    ['${_X}', '3'],
    ['$${A}', '${A}'],
    ['$$${A}', '$${A}'],
    ['$A {A} ${a} ${1A} ${A-} ${A:-x} ${ A} ${}', '$A {A} ${a} ${1A} ${A-} ${A:-x} ${ A} ${}'],
    ['$${a} $$ $$$', '$${a} $$ $$$'],
    ['${A', '${A'],
  ])('%s', (template, text) => {
    expect(textWith({ A: '1', B_2: '2', _X: '3' }, template)).toBe(text);
  });

  test('an empty value is a value', () => {
    expect(substitute('[${A}]', of({ A: '' }))).toMatchObject({ text: '[]', missing: [] });
  });

  test('what is missing stays and is named once, in order of first use', () => {
    expect(substitute('${B}${A}${B}$${C}', of({}))).toMatchObject({ text: '${B}${A}${B}${C}', missing: ['B', 'A'] });
  });

  test('signs that mean something to a replacement mean nothing in a value', () => {
    expect(textWith({ A: "$& $1 $' $$ $`" }, '<${A}>')).toBe("<$& $1 $' $$ $`>");
  });

  test('whether a secret was inserted is told', () => {
    const lookup = (key: string): Value => ({ value: 'v', secret: key === 'S' });
    expect(substitute('${V}', lookup).usedSecrets).toBe(false);
    expect(substitute('${V}$${S}', lookup).usedSecrets).toBe(false);
    expect(substitute('${V}${S}', lookup).usedSecrets).toBe(true);
  });

  test('values that would fill the memory are left out', () => {
    const value = 'x'.repeat(64 * 1024);
    const { text, tooLong } = substitute('${A}'.repeat(200_000), of({ A: value }));
    expect(tooLong).toBe(true);
    expect(text.length).toBeLessThanOrEqual(longestRenderedChars);
  });
});

describe('properties', () => {
  test('the keys of a text are those that are looked up', () => {
    fc.assert(
      fc.property(templates, (template) => {
        const asked = new Set<string>();
        substitute(template, (key) => {
          asked.add(key);
          return undefined;
        });
        expect(keysIn(template)).toEqual([...asked]);
      }),
    );
  });

  test('a value comes out as it is, whatever stands in it', () => {
    fc.assert(
      fc.property(templates, templates, (before, value) => {
        // Between line ends nothing of the template reaches into the value.
        const text = textWith({ KEY: value }, `\n${withoutPlaceholders(before)}\n\${KEY}\n`);
        expect(text).toBe(`\n${before}\n${value}\n`);
      }),
    );
  });

  test('nothing is expanded twice', () => {
    fc.assert(
      fc.property(templates, (template) => {
        const asked: string[] = [];
        substitute(template, (key) => {
          asked.push(key);
          return { value: '${INNER}$${INNER}', secret: false };
        });
        expect(asked).not.toContain('INNER');
      }),
    );
  });

  test('a text without placeholders says what it said', () => {
    fc.assert(fc.property(templates, (text) => textWith({ A: 'x', B_1: 'y', _C: 'z' }, withoutPlaceholders(text)) === text));
  });
});
