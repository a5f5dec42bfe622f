import { type CursorValue, encodeCursor, type PageRequest } from './cursor';

/** A member to sort by. `value` goes into cursors; `compare` is asked where the order is not that of the values. */
export interface SortValue<Row> {
  value(row: Row): CursorValue;
  compare?(a: CursorValue, b: CursorValue): number;
}

export interface RowsPage<Row> {
  rows: Row[];
  total: number;
  nextCursor: string | null;
}

/**
 * A page of rows that are all at hand, as a stored list would give it: a keyset cursor, the exact total, and an order in
 * which the row's key comes last.
 * @param rows those that pass the filters
 * @param keyOf distinct for each row
 * @returns undefined when the cursor holds values that no row of this list has
 */
export function pageOfRows<Row>(
  rows: readonly Row[],
  page: PageRequest,
  sort: Readonly<Record<string, SortValue<Row>>>,
  keyOf: (row: Row) => string,
): RowsPage<Row> | undefined {
  const columns = page.sort.map(({ member, descending }) => ({ ...(sort[member] as SortValue<Row>), descending }));
  // The key follows the direction of the last member, as in stored lists.
  columns.push({ value: keyOf, descending: columns[columns.length - 1]?.descending ?? false });
  const compare = (a: readonly CursorValue[], b: readonly CursorValue[]): number => {
    for (const [index, column] of columns.entries()) {
      const [left, right] = [a[index] as CursorValue, b[index] as CursorValue];
      const order = (column.compare ?? compareValues)(left, right);
      if (order !== 0) return column.descending ? -order : order;
    }
    return 0;
  };
  const sorted = rows.map((row) => ({ row, values: columns.map((column) => column.value(row)) }));
  const sample = sorted[0]?.values;
  const { after } = page;
  if (after && sample?.some((value, index) => typeof value !== typeof after[index])) return undefined;
  sorted.sort((a, b) => compare(a.values, b.values));
  const behind = after ? sorted.filter(({ values }) => compare(values, after) > 0) : sorted.slice(page.offset);
  const shown = behind.slice(0, page.limit);
  const last = shown[shown.length - 1];
  const nextCursor = behind.length > shown.length && last ? encodeCursor(page.signature, last.values) : null;
  return { rows: shown.map(({ row }) => row), total: rows.length, nextCursor };
}

function compareValues(a: CursorValue, b: CursorValue): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
