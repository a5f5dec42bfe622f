import { Readable } from 'node:stream';
import fc from 'fast-check';
import { Problem } from '../../src/domain/errors';
import { fieldPath, parseBody, readBody, requireJson, structureIssues } from '../../src/http/requestBody';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((one) => !one.includes('\0') && one.isWellFormed());
const name = fc
  .oneof(text, fc.constantFrom('a', 'b', '"', '\\', '\\"', '{', '}', '[', ']', ',', ':', 'é', '\u2028', 'proto', '__proto'))
  .filter((one) => one !== '__proto__');
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
  ),
}));
/** How a text is spelt: its blanks, and whether letters are escaped. */
const spelling = fc.record({ blank: fc.constantFrom('', ' ', '\n\t', '\r\n  '), escaped: fc.boolean() });
type Spelling = { blank: string; escaped: boolean };

function spellString(value: string, { escaped }: Spelling): string {
  if (!escaped) return JSON.stringify(value);
  return `"${Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
}

/** Entries instead of objects, so that a member may stand twice. */
type Node = { entries: [string, Node][] } | { items: Node[] } | { leaf: unknown };
function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(nodeOf) };
  if (!value || typeof value !== 'object') return { leaf: value };
  return { entries: Object.entries(value).map(([key, member]) => [key, nodeOf(member)]) };
}
function spell(node: Node, how: Spelling): string {
  const { blank } = how;
  if ('leaf' in node) return typeof node.leaf === 'string' ? spellString(node.leaf, how) : JSON.stringify(node.leaf);
  if ('items' in node) return `[${blank}${node.items.map((item) => spell(item, how)).join(`${blank},${blank}`)}${blank}]`;
  const members = node.entries.map(([key, member]) => `${spellString(key, how)}${blank}:${blank}${spell(member, how)}`);
  return `{${blank}${members.join(`${blank},${blank}`)}${blank}}`;
}

describe('structureIssues', () => {
  test('finds nothing in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        expect(structureIssues(JSON.stringify(value, null, indent))).toEqual([]);
      }),
    );
  });

  test('finds nothing in any other spelling of it, and the value stays the same', () => {
    fc.assert(
      fc.property(tree, spelling, (value, how) => {
        const spelt = spell(nodeOf(value), how);
        expect(structureIssues(spelt)).toEqual([]);
        expect(parseBody(Buffer.from(spelt))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  /** Every object of a document with its path. */
  function objectsIn(node: Node, path: (string | number)[] = []): { entries: [string, Node][]; path: (string | number)[] }[] {
    if ('leaf' in node) return [];
    if ('items' in node) return node.items.flatMap((item, index) => objectsIn(item, [...path, index]));
    return [{ entries: node.entries, path }, ...node.entries.flatMap(([key, member]) => objectsIn(member, [...path, key]))];
  }

  const planted = fc.tuple(fc.dictionary(name, tree, { minKeys: 1, maxKeys: 4 }), fc.nat(), fc.nat(), fc.nat(), tree, spelling);
  test('finds every planted duplicate, and names its place', () => {
    fc.assert(
      fc.property(planted, ([value, which, member, where, other, how]) => {
        const root = nodeOf(value);
        const candidates = objectsIn(root).filter(({ entries }) => entries.length > 0);
        const chosen = candidates[which % candidates.length] as (typeof candidates)[number];
        const [key] = chosen.entries[member % chosen.entries.length] as [string, Node];
        chosen.entries.splice(where % (chosen.entries.length + 1), 0, [key, { leaf: JSON.stringify(other) }]);
        const [issue] = structureIssues(spell(root, how));
        expect(issue).toMatchObject({ code: 'unparsable', field: fieldPath([...chosen.path, key]) });
      }),
    );
  });

  test('finds every planted __proto__, in any spelling', () => {
    fc.assert(
      fc.property(planted, ([value, which, , where, , how]) => {
        const root = nodeOf(value);
        const candidates = objectsIn(root);
        const chosen = candidates[which % candidates.length] as (typeof candidates)[number];
        chosen.entries.splice(where % (chosen.entries.length + 1), 0, ['__proto__', { leaf: 1 }]);
        const [issue] = structureIssues(spell(root, how));
        expect(issue).toMatchObject({ code: 'unknown_member', field: fieldPath([...chosen.path, '__proto__']) });
      }),
    );
  });

  test('the same name in different objects is no duplicate', () => {
    expect(structureIssues('{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}')).toEqual([]);
  });
});

describe('parseBody', () => {
  test('takes or refuses any bytes, and never breaks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseBody(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });

  test('takes or refuses any text that is almost JSON', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '"a"',
        '"b":',
        '1',
        '-',
        'e5',
        'null',
        'tru',
        ' ',
        '\n',
        '/*',
        '//',
        '\\u00',
        '\\ud800',
      ),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const source = parts.join('');
        let expected: unknown;
        let isJson = true;
        try {
          expected = JSON.parse(source);
        } catch {
          isJson = false;
        }
        try {
          expect(parseBody(Buffer.from(source))).toEqual(expected);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          if (!isJson) expect(error.details).toEqual([expect.objectContaining({ field: '', code: 'unparsable' })]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['{"a": 1,\n "b": x}', 2, 7],
    ['\n\n  nope', 3, 3],
    ['{"a":1', 1, 7],
    ['[1,]', 1, 4],
    ['"abc', 1, 1],
  ])('%j is wrong at line %d, column %d', (source, line, column) => {
    expect(() => parseBody(Buffer.from(source))).toThrow(
      expect.objectContaining({ hint: `See line ${line}, column ${column} of the body.` }),
    );
  });
});

describe('readBody', () => {
  const incoming = (headers: Record<string, string>, chunks: (string | Buffer)[]) =>
    Object.assign(Readable.from(chunks.map((chunk) => Buffer.from(chunk as string))), { headers }) as never;

  test('joins its pieces', async () => {
    expect((await readBody(incoming({ 'content-length': '4' }, ['ab', 'cd']))).toString()).toBe('abcd');
    expect((await readBody(incoming({ 'transfer-encoding': 'chunked' }, ['ab', '', 'cd']))).toString()).toBe('abcd');
  });

  test('is nothing when nothing is declared', async () => {
    expect(await readBody(incoming({}, []))).toHaveLength(0);
  });

  test.each([
    ['told', { 'content-length': String(1024 * 1024 + 1) }],
    ['untold', { 'transfer-encoding': 'chunked' }],
  ])('refuses a length of more than 1 MiB that is %s', async (_how, headers) => {
    await expect(readBody(incoming(headers as never, ['x'.repeat(1024 * 1024), 'y']))).rejects.toMatchObject({
      kind: 'too_large',
    });
  });
});

describe('requireJson', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON;charset="UTF-8"',
    'application/json; charset=utf8; x=y',
  ])('takes %s', (type) => {
    expect(() => requireJson(type)).not.toThrow();
  });
  test.each([
    undefined,
    '',
    'json',
    'text/json',
    'application/json5',
    'application/x-json',
    'application/json; charset=latin1',
    'multipart/form-data; boundary=x',
  ])('refuses %s', (type) => {
    expect(() => requireJson(type)).toThrow(expect.objectContaining({ kind: 'media_type', field: 'Content-Type' }));
  });
});
