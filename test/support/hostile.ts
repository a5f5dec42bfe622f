import fc from 'fast-check';

/** Values that break programs which trust their input. */

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
};

/** An object with a member that assignment would not make. */
const withMember = (name: string, value: unknown): object =>
  Object.defineProperty({}, name, { value, enumerable: true, writable: true, configurable: true });

export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\t\r\n',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfffy',
  '\uffff\ufffe',
  '\u202egnp.exe',
  '\u05d0\u05d1\u05d2 \u0627\u0644\u0639',
  '\ufeffbom',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'e\u0301'.repeat(50),
  'İıſK',
  "'; drop table users; --",
  '" or ""="',
  '%\\_%',
  '$1',
  '$(touch /tmp/x) `id` ; rm -rf / | cat',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '${jndi:ldap://127.0.0.1/x}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  'x\r\nSet-Cookie: a=b',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0x10',
  '1e400',
  '9'.repeat(400),
  'x'.repeat(256),
  'x'.repeat(20_000),
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '0000-01-01T00:00:00Z',
  'infinity',
  '01920000-0000-7000-8000-00000000000g',
  'urn:uuid:01920000-0000-7000-8000-000000000001',
  '01920000-0000-7000-8000-00000000ABCD',
  'http://[::1',
  'http://user:pass@127.0.0.1:99999/',
  'https://xn--a.xn--',
  'a/b:c@sha256:zz',
  '(a+)+$',
  '*'.repeat(200),
  '['.repeat(200),
];

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 10 }),
  },
);

const hostileNumbers = [0, -0, -1, 0.1, 1.5, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), 1e21, 1e308, 5e-324, 99999999999];

/** Any JSON value, with a liking for the worst. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(...hostileNumbers) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], [[]], [{}], { '': '' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      nested(10),
      nested(60),
      nested(200),
      withMember('__proto__', { admin: true }),
      withMember('constructor', { prototype: { admin: true } }),
      Array.from({ length: 2000 }, (_, i) => i),
      Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, 'v'])),
    ),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Names of members that no contract has, or that every object seems to have. */
export const hostileName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'id', 'version', '', 'a.b', 'a[0]', '\u0000'),
  hostileText,
);

/** Sets a member by definition, so that `__proto__` is one as any other. */
export function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}
