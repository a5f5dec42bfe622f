import fc from 'fast-check';
import { type CursorValue, decodeCursor, type PageRequest } from '../../../src/domain/lists/cursor';
import { pageOfRows, type SortValue } from '../../../src/domain/lists/listPage';

interface Row {
  name: string;
  size: number;
}

const sort: Record<string, SortValue<Row>> = {
  name: { value: ({ name }) => name },
  size: { value: ({ size }) => size },
  length: { value: ({ name }) => name, compare: (a, b) => String(a).length - String(b).length },
};
const request = (member: string, descending: boolean, more: Partial<PageRequest> = {}): PageRequest => ({
  limit: 2,
  offset: 0,
  sort: [{ member, descending }],
  after: null,
  signature: 'signed',
  ...more,
});
const page = (rows: readonly Row[], asked: PageRequest) => pageOfRows(rows, asked, sort, ({ name }) => name);
const after = (cursor: string) => decodeCursor(cursor, 'signed', 2, () => true) as CursorValue[];

function walk(rows: (at: number) => readonly Row[], member: string, descending: boolean, limit: number): string[] {
  const seen: string[] = [];
  let asked = request(member, descending, { limit });
  for (let at = 0; at < 100; at++) {
    const found = page(rows(at), asked);
    seen.push(...(found?.rows ?? []).map(({ name }) => name));
    if (!found?.nextCursor) return seen;
    asked = { ...asked, after: after(found.nextCursor) };
  }
  throw new Error('The pages do not end.');
}

const rowsOf = fc.uniqueArray(
  fc.record({ name: fc.string({ minLength: 1, maxLength: 3 }), size: fc.integer({ min: 0, max: 3 }) }),
  { selector: ({ name }) => name, maxLength: 30 },
);

describe('pages of a list that is at hand', () => {
  test('give every row once, in order, whatever the page size, the sort and the order of the rows', () => {
    fc.assert(
      fc.property(
        rowsOf,
        fc.constantFrom('name', 'size', 'length'),
        fc.boolean(),
        fc.integer({ min: 1, max: 7 }),
        (rows, member, descending, limit) => {
          const seen = walk(() => rows, member, descending, limit);
          expect([...seen].sort()).toEqual(rows.map(({ name }) => name).sort());
          expect(walk(() => [...rows].reverse(), member, descending, limit)).toEqual(seen);
          expect(walk(() => rows, member, !descending, limit)).toEqual([...seen].reverse());
        },
      ),
    );
  });

  test('repeat and skip nothing when the row before the next page is gone', () => {
    const rows = 'abcdef'.split('').map((name) => ({ name, size: 1 }));
    const seen = walk((at) => (at === 0 ? rows : rows.filter(({ name }) => name !== 'b')), 'name', false, 2);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('offset skips, the total stays, and the last page has no cursor', () => {
    const rows = 'abc'.split('').map((name) => ({ name, size: 1 }));
    expect(page(rows, request('name', false, { offset: 1 }))).toEqual({ rows: rows.slice(1), total: 3, nextCursor: null });
    expect(page(rows, request('name', false, { offset: 9 }))).toEqual({ rows: [], total: 3, nextCursor: null });
    expect(page(rows, request('name', false))?.nextCursor).not.toBeNull();
    expect(page([], request('name', false))).toEqual({ rows: [], total: 0, nextCursor: null });
  });

  test('a cursor with values of another type is none', () => {
    expect(page([{ name: 'a', size: 1 }], request('size', false, { after: ['1', 'a'] }))).toBeUndefined();
    expect(page([{ name: 'a', size: 1 }], request('size', false, { after: [1, 'a'] }))).toBeDefined();
  });
});
