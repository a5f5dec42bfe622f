import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { type Keyring, type SealedPlace, seal, unseal } from '../../src/store/sealing';

const ring = (currentId: string, ...ids: string[]): Keyring => ({
  currentId,
  keys: new Map(ids.map((id) => [id, Buffer.alloc(32, id)])),
});
const keyring = ring('k1', 'k1', 'k2');
const place: SealedPlace = { table: 'registries', column: 'token', rowId: '01920000-0000-7000-8000-000000000001' };

test('a sealed text opens at its place, and does not show', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const record = seal(keyring, place, text);
      expect(record).toMatch(/^v1\.k1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,}$/);
      expect(unseal(keyring, place, record)).toBe(text);
      if (text.length > 8) expect(Buffer.from(record.split('.')[3] as string, 'base64url').includes(text)).toBe(false);
    }),
  );
});

test('the same text is sealed differently each time', () => {
  const records = new Set(Array.from({ length: 1000 }, () => seal(keyring, place, 'secret')));
  expect(records.size).toBe(1000);
  expect(new Set([...records].map((record) => record.split('.')[2])).size).toBe(1000);
});

test.each([
  ['row', { ...place, rowId: '01920000-0000-7000-8000-000000000002' }],
  ['column', { ...place, column: 'password' }],
  ['table', { ...place, table: 'users' }],
  [
    'row and column, with the same letters in a row',
    { table: 'registries', column: 'token.01920000', rowId: '-0000-7000-8000-000000000001' },
  ],
])('a value that was moved to another %s does not open', (_what, other) => {
  expect(() => unseal(keyring, other, seal(keyring, place, 'secret'))).toThrow();
});

test('a value with one changed bit does not open, wherever the bit is', () => {
  const record = seal(keyring, place, 'a secret of some length');
  const parts = record.split('.') as [string, string, string, string];
  for (const index of [2, 3]) {
    const bytes = Buffer.from(parts[index] as string, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const changed = parts.map((part, at) => (at === index ? flipped.toString('base64url') : part)).join('.');
      expect(() => unseal(keyring, place, changed)).toThrow();
    }
  }
});

test('a value that was cut or lengthened does not open', () => {
  const record = seal(keyring, place, 'secret');
  for (let length = 0; length < record.length; length++) expect(() => unseal(keyring, place, record.slice(0, length))).toThrow();
  expect(() => unseal(keyring, place, `${record}AAAA`)).toThrow();
});

test('what is no record does not open, and its text is not told', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(() => unseal(keyring, place, text)).toThrow()));
  expect(() => unseal(keyring, place, 'v2.k1.AAAA.AAAA')).toThrow('This is no sealed record.');
});

test('a tag shorter than 128 bits is not taken', () => {
  const [version, id, nonce, sealed] = seal(keyring, place, '').split('.') as [string, string, string, string];
  const tag = Buffer.from(sealed, 'base64url');
  for (const bytes of [4, 8, 12, 15]) {
    expect(() => unseal(keyring, place, [version, id, nonce, tag.subarray(0, bytes).toString('base64url')].join('.'))).toThrow();
  }
});

describe('keys', () => {
  test('the first seals, all open', () => {
    const old = seal(ring('k2', 'k2'), place, 'old');
    const recent = seal(keyring, place, 'new');
    expect(old).toMatch(/^v1\.k2\./);
    expect([unseal(keyring, place, old), unseal(keyring, place, recent)]).toEqual(['old', 'new']);
  });

  test('one that is gone is named', () => {
    const record = seal(ring('k9', 'k9'), place, 'x');
    expect(() => unseal(keyring, place, record)).toThrow('Master key k9 is not configured, but values are sealed with it.');
    expect(() => seal(ring('k9', 'k1'), place, 'x')).toThrow('k9');
  });

  test('another one under the same id does not open', () => {
    const other: Keyring = { currentId: 'k1', keys: new Map([['k1', randomBytes(32)]]) };
    expect(() => unseal(other, place, seal(keyring, place, 'x'))).toThrow();
  });

  test('the id is no way to choose another key for a value', () => {
    const [, , nonce, sealed] = seal(keyring, place, 'x').split('.');
    expect(() => unseal(keyring, place, `v1.k2.${nonce}.${sealed}`)).toThrow();
  });
});
