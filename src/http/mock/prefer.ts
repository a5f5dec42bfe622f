/** What a client of the mock asks for, by `Prefer` (RFC 7240). */
export interface Preferences {
  /** A status that the operation can answer: `code=404`. */
  code?: string;
  /** One of several examples of an answer: `example=empty`. */
  example?: string;
}

/** Parts between the separator, but for what stands in double quotes. */
const split = (text: string, separator: ',' | ';'): string[] =>
  text.match(new RegExp(`(?:"(?:[^"\\\\]|\\\\.)*"?|[^"${separator}])+`, 'g')) ?? [];

const word = (text: string): string => (text.startsWith('"') ? text.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : text);

/** The preferences of a header that the mock knows. Of one that stands twice, the first counts; others are ignored. */
export function parsePrefer(header: string | undefined): Preferences {
  const found: Preferences = {};
  for (const preference of split(header ?? '', ',')) {
    const [pair = ''] = split(preference, ';');
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim().toLowerCase();
    if (name === 'code' || name === 'example') found[name] ??= word(pair.slice(equals + 1).trim());
  }
  return found;
}
