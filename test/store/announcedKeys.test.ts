import { announcesKey, announcesSealing, keyAnnouncement } from '../../src/store/announcedKeys';
import type { Keyring } from '../../src/store/sealing';

const ring = (currentId: string, ...others: string[]): Keyring => ({
  currentId,
  keys: new Map([...others, currentId].map((id) => [id, Buffer.alloc(32)])),
});

test('a process announces the keys it has, and which one seals', () => {
  const told = keyAnnouncement(ring('k2', 'k1'));
  expect([announcesKey(told, 'k1'), announcesKey(told, 'k2'), announcesKey(told, 'k3')]).toEqual([true, true, false]);
  expect([announcesSealing(told, 'k1'), announcesSealing(told, 'k2')]).toEqual([false, true]);
});

test('a name fits into what Postgres keeps of it; of keys that are not told, any may be there', () => {
  const many = keyAnnouncement(ring('k1', ...Array.from({ length: 9 }, (_, n) => `${n}`.padStart(32, 'x'))));
  expect(Buffer.byteLength(many)).toBeLessThanOrEqual(63);
  expect([announcesSealing(many, 'k1'), announcesKey(many, 'another')]).toEqual([true, true]);
});
