import type { DeprecatedFacts, ToldDeprecation } from './operationFacts';
import type { Headers } from './respond';

interface Used {
  rawQuery: string;
  /** undefined when nothing was sent, or nobody has looked yet. */
  body?: unknown;
}

interface Placed {
  family: string;
  deprecated: DeprecatedFacts;
}

/**
 * Sets `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the link to the reference, when the request uses what is
 * deprecated. Of several things, the earliest dates are told.
 */
export function tellDeprecation(headers: Headers, operationId: string, { family, deprecated }: Placed, used: Used): void {
  const found = usedBy(deprecated, used);
  if (found.length === 0) return;
  headers.Deprecation = `@${Math.min(...found.map(({ since }) => since))}`;
  headers.Sunset = new Date(Math.min(...found.map(({ sunset }) => sunset)) * 1000).toUTCString();
  headers.Link = `</api/docs#/${family}/${operationId}>; rel="deprecation"; type="text/html"`;
}

function usedBy({ operation, query, body }: DeprecatedFacts, used: Used): ToldDeprecation[] {
  const found = operation ? [operation] : [];
  if (query && used.rawQuery !== '') {
    const sent = new URLSearchParams(used.rawQuery);
    for (const name in query) if (sent.has(name)) found.push(query[name] as ToldDeprecation);
  }
  if (body && used.body !== undefined) {
    for (const place in body) if (isSent(used.body, place.split('.'))) found.push(body[place] as ToldDeprecation);
  }
  return found;
}

/** Whether a value has a member at `crew[].name`, in any entry. */
function isSent(value: unknown, [part, ...rest]: string[]): boolean {
  if (part === undefined) return true;
  const name = part.replace(/(\[\])+$/, '');
  if (typeof value !== 'object' || value === null || (name !== '' && !Object.hasOwn(value, name))) return false;
  const member: unknown = name === '' ? value : (value as Record<string, unknown>)[name];
  const depth = (part.length - name.length) / 2;
  const entries = depth === 0 ? [member] : Array.isArray(member) ? member.flat(depth - 1) : [];
  return entries.some((entry) => isSent(entry, rest));
}
