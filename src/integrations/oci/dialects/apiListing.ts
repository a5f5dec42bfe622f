import type { Listing, RegistryAccess } from '../access';
import { type FailureParts, RegistryFailure } from '../failure';
import { objectOf } from '../wire/body';

/** One page of a list as its dialect reads it. */
export interface ApiPage<T> {
  /** Those that can be read. */
  entries: T[];
  /** How many the page held. */
  given: number;
  /** As the API wrote it. */
  next: unknown;
}

export interface ListParts<T> {
  /** URL of the first page. */
  first: string;
  /** Entries at which reading stops. */
  most: number | undefined;
  /** Entries with the same key are one: a list that grows while it is read shows some of them twice. */
  keyOf(entry: T): string;
  /** Which entries are asked for; all without it. */
  takes?(entry: T): boolean;
  /** Asks for one page. @param givenBefore how many entries the pages before it held */
  page(url: string, givenBefore: number): Promise<ApiPage<T>>;
  /** The API answered, but not as its documentation says. */
  odd(message: string): RegistryFailure;
}

/** Ends lists that nobody else ends: no API here has more entries under one name. */
const mostEntries = 200_000;
/** A list that moves while it is read repeats a page at most now and then. */
const mostIdlePages = 3;

/** Follows `next` on the same origin to the end of a list, or to its cap. */
export async function readPages<T>(parts: ListParts<T>): Promise<Listing<T>> {
  const most = Math.min(parts.most ?? mostEntries, mostEntries);
  const entries: T[] = [];
  const keys = new Set<string>();
  const asked = new Set<string>();
  let idlePages = 0;
  let given = 0;
  for (let url: string | null = parts.first; url !== null; ) {
    asked.add(url);
    const page: ApiPage<T> | undefined = await pageOrCut(parts, url, given);
    if (!page) return { entries, truncated: true };
    if (page.given > 0 && page.entries.length === 0) throw parts.odd('lists nothing but entries that cannot be read');
    given += page.given;
    const fresh = page.entries.filter((entry) => isFresh(keys, parts.keyOf(entry)));
    entries.push(...fresh.filter((entry) => parts.takes?.(entry) ?? true));
    url = nextUrl(parts, page.next, url);
    if (entries.length > most || (url !== null && (entries.length === most || keys.size >= mostEntries))) {
      return { entries: entries.slice(0, most), truncated: true };
    }
    idlePages = fresh.length > 0 ? 0 : idlePages + 1;
    if (url !== null && (asked.has(url) || idlePages === mostIdlePages)) throw parts.odd('sends its list in circles');
  }
  return { entries, truncated: false };
}

function isFresh(keys: Set<string>, key: string): boolean {
  const before = keys.size;
  return keys.add(key).size > before;
}

/** Entries of the array `member`, each read by `read`; undefined when there is no such array. */
export function entriesIn<T>(
  body: unknown,
  member: string,
  read: (entry: Record<string, unknown>) => T | undefined,
): { entries: T[]; given: number } | undefined {
  const list = objectOf(body)?.[member];
  if (!Array.isArray(list)) return undefined;
  const entries = list.flatMap((item) => {
    const object = objectOf(item);
    const entry = object && read(object);
    return entry === undefined ? [] : [entry];
  });
  return { entries, given: list.length };
}

/** Undefined when the caller's time is over, but a part of the list is there. */
async function pageOrCut<T>(parts: ListParts<T>, url: string, givenBefore: number): Promise<ApiPage<T> | undefined> {
  try {
    return await parts.page(url, givenBefore);
  } catch (error) {
    if (error instanceof RegistryFailure && error.cutOff && givenBefore > 0) return undefined;
    throw error;
  }
}

function nextUrl<T>(parts: ListParts<T>, next: unknown, current: string): string | null {
  if (next === null || next === undefined || next === '') return null;
  if (typeof next !== 'string' || !URL.canParse(next, current)) throw parts.odd('names a next page that is no address');
  const url = new URL(next, current);
  const here = new URL(current);
  // Behind a proxy that ends TLS an API may name itself with http.
  if (here.protocol === 'https:' && url.protocol === 'http:' && url.host === here.host) url.protocol = 'https:';
  // The bearer token goes along, so the next page must not choose who gets it.
  if (url.origin !== here.origin || url.username !== '' || url.password !== '') {
    throw parts.odd('names a next page at another host');
  }
  url.hash = '';
  return url.href;
}

/** A failure at the host of `url`, on behalf of an access. Texts come from here, never from the answer. */
export const apiFailure = (access: Pick<RegistryAccess, 'name'>, url: string, parts: FailureParts): RegistryFailure =>
  new RegistryFailure(access.name, new URL(url).host, parts);

/** A count or size; null for anything that cannot be one. */
export const asCount = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** ISO 8601; null for what is no time, and for the zero time of Go, which means "never". */
export function asTime(value: unknown): string | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1970 ? null : time.toISOString();
}

/** Whether a path can stand in a URL: dot parts would lead to another resource, in any spelling. */
export const isPlainPath = (path: string): boolean => path.split('/').every((part) => !/^\.{0,2}$/.test(part));
