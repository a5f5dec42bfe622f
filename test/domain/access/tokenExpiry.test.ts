import { tokenExpiry } from '../../../src/domain/access/tokenExpiry';

const now = new Date('2026-03-01T08:00:00.000Z');
const at = (wish: object) => {
  const result = tokenExpiry(wish, now);
  return 'expiresAt' in result ? result.expiresAt.toISOString() : [result.issue.field, result.issue.code];
};

test.each([
  [{ expiresInDays: 1 }, '2026-03-02T08:00:00.000Z'],
  [{ expiresInDays: 365 }, '2027-03-01T08:00:00.000Z'],
  [{ expiresAt: '2026-03-01T08:00:00.001Z' }, '2026-03-01T08:00:00.001Z'],
  [{ expiresAt: '2026-03-01T10:30:00+02:00' }, '2026-03-01T08:30:00.000Z'],
  [{ expiresAt: '2027-03-01T08:00:00.000Z' }, '2027-03-01T08:00:00.000Z'],
])('%j ends at %s', (wish, end) => {
  expect(at(wish)).toBe(end);
});

test.each([
  [{}, 'expiresInDays', 'required'],
  [{ expiresInDays: 1, expiresAt: '2026-03-02T08:00:00Z' }, 'expiresAt', 'inconsistent'],
  [{ expiresAt: '2026-03-01T08:00:00.000Z' }, 'expiresAt', 'minimum'],
  [{ expiresAt: '2026-03-01T09:00:00+02:00' }, 'expiresAt', 'minimum'],
  [{ expiresAt: '2027-03-01T08:00:00.001Z' }, 'expiresAt', 'maximum'],
  [{ expiresAt: '2026-06-30T23:59:60Z' }, 'expiresAt', 'format'],
])('%j is refused for %s: %s', (wish, field, code) => {
  expect(at(wish)).toEqual([field, code]);
});
