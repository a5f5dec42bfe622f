/**
 * A time with any offset as UTC with milliseconds, the form that the database and the wire have; undefined for what the
 * format `date-time` lets pass and no calendar here holds: leap seconds, the year 0, and what an offset moves out of four
 * digits.
 */
export function utcTimestamp(text: string): string | undefined {
  const time = Date.parse(text.toUpperCase().replace(' ', 'T'));
  if (Number.isNaN(time)) return undefined;
  const utc = new Date(time).toISOString();
  return utc.length === 24 && !utc.startsWith('0000') ? utc : undefined;
}
