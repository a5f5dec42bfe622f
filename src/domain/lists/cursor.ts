/** One member to sort by. */
export interface SortKey {
  member: string;
  descending: boolean;
}

export type CursorValue = string | number | boolean;

/**
 * What a page of a list asks for. `after` holds the sort values and the id of the last row of the page before.
 */
export interface PageRequest {
  limit: number;
  offset: number;
  sort: SortKey[];
  after: CursorValue[] | null;
  /** What the cursor of the next page is bound to: operation, path, sort and filters. */
  signature: string;
}

/** Parses `-createdAt,name`; gives the first member that cannot be sorted by instead, if there is one. */
export function parseSort(text: string, sortable: readonly string[]): SortKey[] | { unknown: string } {
  const keys: SortKey[] = [];
  for (const part of text.split(',')) {
    const descending = part.startsWith('-');
    const member = descending ? part.slice(1) : part;
    if (!sortable.includes(member) || keys.some((key) => key.member === member)) return { unknown: part };
    keys.push({ member, descending });
  }
  return keys;
}

/** FNV-1a over UTF-16 units, as 8 hex digits: enough to notice a cursor of another list, no protection against intent. */
export function signatureOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Makes the opaque text of `nextCursor`. */
export function encodeCursor(signature: string, values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify([signature, ...values])).toString('base64url');
}

/**
 * Reads a cursor back. undefined when it is none, was made for another sort or filter, or does not hold `length`
 * values; whether the values suit their columns is seen by `suits`.
 */
export function decodeCursor(
  cursor: string,
  signature: string,
  length: number,
  suits: (value: CursorValue, index: number) => boolean,
): CursorValue[] | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts[0] !== signature || parts.length !== length + 1) return undefined;
  const values = parts.slice(1) as CursorValue[];
  return values.every((value, index) => ['string', 'number', 'boolean'].includes(typeof value) && suits(value, index))
    ? values
    : undefined;
}
