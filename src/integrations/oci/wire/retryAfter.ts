/** A pause is believed up to this length: a typing error of a server must not end its use for ever. */
const longestSeconds = 86_400;

/** When a `Retry-After` of seconds or of an HTTP date ends; undefined when it is neither. */
export function retryAfterOf(value: string | undefined, now: Date): Date | undefined {
  const text = value?.trim() ?? '';
  const latest = now.getTime() + longestSeconds * 1000;
  if (/^\d{1,12}(?:\.\d+)?$/.test(text)) return new Date(Math.min(now.getTime() + Number(text) * 1000, latest));
  // Date.parse takes much else, such as "-5" and "1".
  const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(Math.min(Math.max(at, now.getTime()), latest));
}
