import { encodeCursor, type PageRequest } from '../../domain/lists/cursor';

/** Examples of lists that are made of the contract's own one. */

type Members = Record<string, unknown>;

const isList = (example: unknown): example is Members =>
  typeof example === 'object' && example !== null && ('nextCursor' in example || 'pagination' in example);

/** The names of what can be made: a list without objects, and one that another page follows. */
export function madeNames(example: unknown, page: PageRequest | undefined): string[] {
  if (!isList(example)) return [];
  return page ? ['empty', 'more'] : ['empty'];
}

/** The example by that name; the given one where nothing is made. */
export function madeList(example: unknown, name: string | undefined, page: PageRequest | undefined): unknown {
  if (!isList(example)) return example;
  if (name === 'more' && page) return withNextPage(example, page);
  return name === 'empty' ? emptied(example) : example;
}

/** Whoever sends its cursor gets the usual example, which is the last page. */
function withNextPage(example: Members, { signature, sort }: PageRequest): Members {
  const last = Object.values(example).find(Array.isArray)?.at(-1) as { id?: string; name?: string } | undefined;
  return { ...example, nextCursor: encodeCursor(signature, [...sort.map(() => ''), last?.id ?? last?.name ?? '']) };
}

function emptied(example: Members): Members {
  const members = Object.entries(example).map(([member, value]) => {
    if (Array.isArray(value)) return [member, []];
    if (member === 'total') return [member, 0];
    return [member, member === 'pagination' ? { ...(value as object), total_results: 0 } : value];
  });
  return Object.fromEntries(members);
}
