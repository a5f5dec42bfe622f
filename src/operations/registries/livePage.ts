import { invalid } from '../../domain/errors';
import { newestFirst } from '../../domain/images/tagOrder';
import type { PageRequest } from '../../domain/lists/cursor';
import { pageOfRows, type RowsPage, type SortValue } from '../../domain/lists/listPage';

/** Whether a text holds another in any letter case, as `q` asks. */
export const contains = (text: string, q: string | undefined): boolean =>
  q === undefined || text.toLowerCase().includes(q.toLowerCase());

/** A page of a list that was read from a registry; 400 for a cursor that cannot be of this list. */
export function pageOfLiveList<Row>(
  rows: readonly Row[],
  page: PageRequest,
  sort: Readonly<Record<string, SortValue<Row>>>,
  keyOf: (row: Row) => string,
): RowsPage<Row> {
  const found = pageOfRows(rows, page, sort, keyOf);
  if (found) return found;
  const message = 'This cursor is none.';
  throw invalid([{ in: 'query', field: 'cursor', code: 'unparsable', message, hint: 'Start again without cursor.' }]);
}

interface TagRow {
  tag: string;
  updatedAt: string | null;
}

/**
 * A page of those tags of a list that pass the filters. `rank` is the order in which Portolan compares tags; the newest
 * has the highest.
 */
export function pageOfTags<Row extends TagRow>(list: readonly TagRow[], rows: readonly Row[], page: PageRequest): RowsPage<Row> {
  return pageOfLiveList(
    rows,
    page,
    {
      rank: { value: ({ tag }) => tag, compare: rankOrder(list, page) },
      tag: { value: ({ tag }) => tag },
      updatedAt: { value: ({ updatedAt }) => updatedAt ?? '' },
    },
    ({ tag }) => tag,
  );
}

// A list is kept for a minute and asked for page by page.
const placesOfLists = new WeakMap<readonly TagRow[], Map<string, number>>();

function placesOf(list: readonly TagRow[]): Map<string, number> {
  const places = placesOfLists.get(list) ?? placesAmong(list.map(({ tag }) => tag));
  placesOfLists.set(list, places);
  return places;
}

const placesAmong = (tags: readonly string[]) => new Map(newestFirst(tags).map((tag, index) => [tag, index]));

/** The tag that a cursor stands behind has its place too, whether or not it is still there. */
function rankOrder(list: readonly TagRow[], { sort, after }: PageRequest): NonNullable<SortValue<TagRow>['compare']> {
  if (!sort.some(({ member }) => member === 'rank')) return () => 0;
  const last = after?.[after.length - 1];
  const known = placesOf(list);
  const places = typeof last === 'string' && !known.has(last) ? placesAmong([...known.keys(), last]) : known;
  const place = (tag: unknown) => places.get(String(tag)) ?? places.size;
  return (a, b) => place(b) - place(a);
}
