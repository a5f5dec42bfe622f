import fc from 'fast-check';
import { masker } from '../../../src/domain/config/mask';

/** Secrets as they are: long and short, with signs that encodings change, and such as overlap. */
const secrets = fc.array(
  fc.oneof(
    fc.string({ minLength: 6, maxLength: 40 }),
    fc.string({ unit: 'grapheme', minLength: 6, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('a', 'b', '+', '/', ' ', '*'), minLength: 6, maxLength: 12 }),
  ),
  { minLength: 1, maxLength: 6 },
);
/** The star itself is no secret: what is hidden must not look like one. */
const withoutStars = secrets.map((all) => all.map((secret) => secret.replaceAll('*', 'x')));

const base64 = (text: string) => Buffer.from(text).toString('base64');
/** The part of a base64 text that stands for the middle only; others share the characters at its ends. */
function coreOf(before: string, secret: string, after: string): string {
  const start = Buffer.byteLength(before);
  const end = start + Buffer.byteLength(secret);
  return base64(before + secret + after).slice(Math.ceil((start * 8) / 6), Math.floor((end * 8) / 6));
}

describe('what is hidden', () => {
  const mask = masker(['hunter22', 'p@ss/w+rd é', 'short']);
  test.each([
    ['password=hunter22;', 'password=***;'],
    ['hunter22hunter22', '******'],
    ['hunter2', 'hunter2'],
    ['Hunter22', 'Hunter22'],
    ['short', 'short'],
    ['https://u:p%40ss%2Fw%2Brd%20%C3%A9@h', 'https://u:***@h'],
    ['p%40ss%2fw%2brd+%c3%a9', '***'],
    ['', ''],
  ])('%s', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  test('five characters are no secret, six are', () => {
    expect(masker(['12345', 'abcdef'])('12345 abcdef')).toBe('12345 ***');
  });

  test('without secrets a text stays', () => {
    expect(masker([])('hunter22')).toBe('hunter22');
  });

  test('where secrets overlap, none of them is left', () => {
    expect(masker(['abcdefgh', 'ghijklmn', 'cdefghij'])('-abcdefghijklmn-')).toBe('-***-');
    expect(masker(['abcdef', 'abcdefghij'])('abcdefghi abcdefghij')).toBe('***ghi ***');
    expect(masker(['aaaaaa'])('aaaaaaaa')).toBe('***');
  });
});

describe('properties', () => {
  test('no secret is left in plain', () => {
    fc.assert(
      fc.property(withoutStars, fc.string(), fc.string(), (all, before, after) => {
        const masked = masker(all)(all.map((secret) => before + secret + after).join(''));
        for (const secret of all) expect(masked).not.toContain(secret);
      }),
    );
  });

  test('no secret is left in base64, wherever in the bytes it begins', () => {
    fc.assert(
      fc.property(withoutStars, fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 }), (all, before, after) => {
        const mask = masker(all);
        for (const secret of all) {
          const text = base64(before + secret + after);
          const core = coreOf(before, secret, after);
          expect(mask(text)).not.toContain(core);
          expect(mask(text.replaceAll('+', '-').replaceAll('/', '_'))).not.toContain(
            core.replaceAll('+', '-').replaceAll('/', '_'),
          );
        }
      }),
    );
  });

  test('no secret is left URL-encoded', () => {
    fc.assert(
      fc.property(withoutStars, (all) => {
        const mask = masker(all);
        for (const secret of all) {
          const form = new URLSearchParams({ q: secret }).toString();
          for (const encoded of [
            encodeURIComponent(secret),
            encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
          ]) {
            expect(mask(`https://host/?q=${encoded}&r=1`)).not.toContain(encoded);
          }
          expect(mask(form)).not.toContain(form.slice(2));
        }
      }),
    );
  });

  test('a text without a secret stays as it is', () => {
    fc.assert(
      fc.property(secrets, fc.string({ unit: fc.constantFrom('Q', 'ß', '\n') }), (all, text) => {
        fc.pre(!all.some((secret) => /[Qß\n]/.test(secret)));
        expect(masker(all)(text)).toBe(text);
      }),
    );
  });
});

test('a hostile text of a mebibyte takes no time, also with hostile secrets', () => {
  const all = Array.from({ length: 200 }, (_, index) => `${'a'.repeat(500 + index)}b`);
  const started = performance.now();
  expect(masker(all)('a'.repeat(1024 * 1024))).toHaveLength(1024 * 1024);
  expect(performance.now() - started).toBeLessThan(20_000);
});
