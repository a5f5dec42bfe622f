import type { Issue } from '../errors';

const dayMs = 86_400_000;
const mostDays = 365;

/** Exactly one of both says when a token ends; each already has the form that the contract asks for. */
export interface ExpiryWish {
  expiresInDays?: number | undefined;
  expiresAt?: string | undefined;
}

/** When a token made `now` ends, or what is wrong with the wish. */
export function tokenExpiry({ expiresInDays, expiresAt }: ExpiryWish, now: Date): { expiresAt: Date } | { issue: Issue } {
  if (expiresInDays !== undefined && expiresAt !== undefined) {
    return wrong('expiresAt', 'inconsistent', 'Not together with expiresInDays.', 'Send one of both.');
  }
  if (expiresInDays !== undefined) return { expiresAt: new Date(now.getTime() + expiresInDays * dayMs) };
  if (expiresAt === undefined) {
    const hint = `Send expiresInDays (1 to ${mostDays}) or expiresAt; a token without an end cannot be made.`;
    return wrong('expiresInDays', 'required', 'This member is required, or expiresAt.', hint);
  }
  const time = new Date(expiresAt);
  // RFC 3339 knows leap seconds, JavaScript does not.
  if (Number.isNaN(time.getTime())) {
    return wrong('expiresAt', 'format', 'Is no point in time.', 'Send UTC such as 2026-03-01T08:00:00Z, without a leap second.');
  }
  if (time <= now) return wrong('expiresAt', 'minimum', 'Must be in the future.', `It is ${now.toISOString()} now.`);
  const last = new Date(now.getTime() + mostDays * dayMs);
  if (time > last) {
    return wrong('expiresAt', 'maximum', `Must be at most ${mostDays} days away.`, `The last moment is ${last.toISOString()}.`);
  }
  return { expiresAt: time };
}

const wrong = (field: string, code: Issue['code'], message: string, hint: string) => ({
  issue: { in: 'body' as const, field, code, message, hint },
});
