import { factsOf, type Perform, type Written } from './caller';
import type { Listing, OperationId } from './types';

type Page = { [member: string]: unknown };

/** The list that an operation answers in pages, to its end. */
export function listing(perform: Perform, operationId: OperationId, input: Written = {}): Listing<unknown, unknown> {
  const pages = () => pagesOf(perform, operationId, input);
  const items = () => itemsOf(pages(), factsOf(operationId).list as string);
  return {
    [Symbol.asyncIterator]: items,
    pages,
    async toArray() {
      const all: unknown[] = [];
      for await (const item of items()) all.push(item);
      return all;
    },
  };
}

async function* itemsOf(pages: AsyncIterable<Page>, member: string): AsyncGenerator<unknown> {
  for await (const page of pages) yield* page[member] as unknown[];
}

async function* pagesOf(perform: Perform, operationId: OperationId, input: Written): AsyncGenerator<Page> {
  for (let next: Written | undefined = input; next; ) {
    const page = (await perform(operationId, next)).data as Page;
    yield page;
    next = following(next, page);
  }
}

/** The call for the page behind this one. */
function following(input: Written, page: Page): Written | undefined {
  const { nextCursor, pagination } = page as { nextCursor?: string | null; pagination?: { next?: { href: string } | null } };
  if (typeof nextCursor === 'string') {
    // What the first page was skipped to does not go with a cursor.
    const { offset, page: _, ...query } = input.query ?? {};
    return { ...input, query: { ...query, cursor: nextCursor } };
  }
  // Of the link only the query is taken: its host is how the service sees itself, and gets no token.
  const href = pagination?.next?.href;
  return href === undefined ? undefined : { ...input, search: new URL(href, 'http://localhost').search };
}
