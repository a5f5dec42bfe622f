import type { OperationId } from '../../generated/operations';
import type { Call, Portolan } from './portolan';

export interface ListUnderTest {
  operationId: OperationId;
  /** The member of the envelope that holds the rows. */
  member: string;
  /** Members to sort by, each with the value of a row as it is compared. */
  sortable: Record<string, (row: any) => string | number | boolean>;
  /** Asked first; at least five rows that this selects, with ties in each member that can have them. */
  call(): Call;
  /** A further filter, and an order that is not the default: a cursor belongs to neither. */
  otherFilter: Record<string, string>;
  otherSort: string;
}

type Started = () => Portolan;
type Query = Record<string, string | number | boolean>;

const withQuery = (call: Call, query: Query): Call => ({ ...call, query: { ...(call.query as Query | undefined), ...query } });

/** Reads a list from page to page to its end; each page tells the same total. */
export async function readToEnd(portolan: Portolan, list: Pick<ListUnderTest, 'operationId' | 'member'>, call: Call, limit = 2) {
  const rows: any[] = [];
  let cursor: string | null = null;
  let total: number | undefined;
  do {
    const query: Query = cursor === null ? { limit } : { limit, cursor };
    const { status, body, text } = await portolan.call(list.operationId, withQuery(call, query));
    if (status !== 200) throw new Error(text);
    if (body.total !== (total ?? body.total)) throw new Error(`total was ${total} and is ${body.total}`);
    if (cursor !== null && body[list.member].length === 0) throw new Error('A cursor led to an empty page.');
    rows.push(...body[list.member]);
    ({ total, nextCursor: cursor } = body);
  } while (cursor !== null);
  if (rows.length !== total) throw new Error(`${rows.length} rows, but a total of ${total}`);
  return rows;
}

/** Tests of what every list has in common: order, pages and what is refused. */
export function describeListRules(portolan: Started, list: ListUnderTest): void {
  const ask = (query: Query) => portolan().call(list.operationId, withQuery(list.call(), query));

  describe('order and pages', () => {
    const directions = Object.keys(list.sortable).flatMap((member) => [[member], [`-${member}`]]);
    test.each(directions)('sort=%s: pages of two give every row once, in order', async (sort) => {
      const sortValue = list.sortable[sort.replace('-', '')] as (row: any) => string | number | boolean;
      const rows = await readToEnd(portolan(), list, withQuery(list.call(), { sort }));
      expect(rows.length).toBeGreaterThanOrEqual(5);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      const keys = rows.map((row) => [sortValue(row), row.id as string] as const);
      const expected = [...keys].sort(([a, idA], [b, idB]) => (a === b ? (idA < idB ? -1 : 1) : a < b ? -1 : 1));
      expect(keys).toEqual(sort.startsWith('-') ? expected.reverse() : expected);
    });

    test('offset skips rows; past the end the page is empty and the total stays', async () => {
      const all = (await ask({ limit: 1000 })).body;
      const skipped = (await ask({ offset: 2, limit: 2 })).body;
      expect(skipped[list.member]).toEqual(all[list.member].slice(2, 4));
      const beyond = (await ask({ offset: 100000 })).body;
      expect([beyond[list.member], beyond.total, beyond.nextCursor]).toEqual([[], all.total, null]);
    });

    test('the last page has no cursor', async () => {
      const { total } = (await ask({})).body;
      expect((await ask({ limit: total })).body.nextCursor).toBeNull();
      expect((await ask({ limit: total - 1 })).body.nextCursor).not.toBeNull();
    });
  });

  describe('400', () => {
    test.each([
      [{ limit: 0 }, 'limit', 'minimum'],
      [{ limit: 1001 }, 'limit', 'maximum'],
      [{ limit: 'ten' }, 'limit', 'type'],
      [{ limit: '1.5' }, 'limit', 'type'],
      [{ offset: -1 }, 'offset', 'minimum'],
      [{ offset: 100001 }, 'offset', 'maximum'],
      [{ sort: 'nothing' }, 'sort', 'enum'],
      [{ cursor: 'bm9uZQ' }, 'cursor', 'unparsable'],
      [{ offst: 1 }, 'offst', 'unknown_parameter'],
    ])('%j', async (query, field, code) => {
      const answer = await ask(query as never);
      expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
      if (code === 'unknown_parameter') expect(answer.body.hint).toBe('Did you mean offset?');
    });

    test('a cursor with another filter, another sort, or an offset', async () => {
      const cursor = (await ask({ limit: 2 })).body.nextCursor;
      for (const [query, field] of [
        [{ cursor, ...list.otherFilter }, 'cursor'],
        [{ cursor, sort: list.otherSort }, 'cursor'],
        [{ cursor, offset: 1 }, 'offset'],
      ] as const) {
        const answer = await ask(query);
        expect([field, answer.status, answer.body.field]).toEqual([field, 400, field]);
      }
    });
  });
}
