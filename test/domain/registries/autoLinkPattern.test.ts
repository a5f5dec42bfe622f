import fc from 'fast-check';
import { literalLength, matchesAutoLinkPattern } from '../../../src/domain/registries/autoLinkPattern';

test.each([
  ['acme/*', 'acme/shop', true],
  ['acme/*', 'acme/', true],
  ['acme/*', 'acme/shop/api', false],
  ['acme/*', 'xacme/shop', false],
  ['acme/*', 'acme', false],
  ['acme/**', 'acme/shop/api', true],
  ['**/api', 'acme/shop/api', true],
  ['**api', 'api', true],
  ['*/*', 'acme/shop', true],
  ['*', 'shop', true],
  ['*', '', true],
  ['*', 'acme/shop', false],
  ['**', 'acme/shop/api', true],
  ['***', 'acme/shop/api', true],
  ['acme/shop-?', 'acme/shop-1', true],
  ['acme/shop-?', 'acme/shop-', false],
  ['acme/shop-?', 'acme/shop-12', false],
  ['acme?shop', 'acme/shop', false],
  ['acme/*-api', 'acme/shop-api', true],
  ['acme/*-api', 'acme/shop-api-2', false],
  ['Acme/*', 'acme/shop', false],
  ['acme/shop', 'acme/shop', true],
  ['acme/shop', 'acme/shopping', false],
  ['', 'acme', false],
  ['example', 'example', true],
  ['(acme|beta)/.+', 'acme/shop', false],
  ['acme.shop', 'acmexshop', false],
  ['[a-z]+', 'acme', false],
  ['acme/\\*', 'acme/shop', false],
])('%j takes %j: %s', (pattern, path, expected) => {
  expect(matchesAutoLinkPattern(pattern, path)).toBe(expected);
});

test('a pattern without wildcards takes exactly itself', () => {
  const text = fc.string({ maxLength: 40 }).filter((value) => !/[*?]/.test(value));
  fc.assert(
    fc.property(text, text, (pattern, path) => {
      expect(matchesAutoLinkPattern(pattern, pattern)).toBe(true);
      expect(matchesAutoLinkPattern(pattern, path)).toBe(pattern === path);
    }),
  );
});

test('agrees with the same glob as an anchored expression', () => {
  const glyphs = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
  fc.assert(
    fc.property(glyphs('ab/?*'), glyphs('ab/'), (pattern, path) => {
      const source = pattern
        .replace(/\*{2,}/g, '.!')
        .replace(/\?/g, '[^/]')
        .replace(/\*/g, '[^/]*')
        .replace(/\.!/g, '.*');
      expect(matchesAutoLinkPattern(pattern, path)).toBe(new RegExp(`^${source}$`).test(path));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['*a'.repeat(127), `${'a'.repeat(512)}!`],
  [`${'**a'.repeat(84)}b`, 'a'.repeat(512)],
  [`${'*'.repeat(254)}b`, 'a'.repeat(512)],
  [`${'*/'.repeat(127)}b`, 'a/'.repeat(256)],
  [`${'?*'.repeat(127)}/`, 'a'.repeat(512)],
])('%.20s… is decided at once', (pattern, path) => {
  const started = performance.now();
  expect(matchesAutoLinkPattern(pattern, path)).toBe(false);
  expect(performance.now() - started).toBeLessThan(5000);
});

test.each([
  ['acme/*', 5],
  ['acme/shop-?', 10],
  ['**', 0],
  ['', 0],
  ['*/**/?', 2],
])('%j has %d literal characters', (pattern, length) => {
  expect(literalLength(pattern)).toBe(length);
});
