import type { ListRequest } from '../../../src/domain/cloudFoundry/listRequest';
import { pageOf } from '../../../src/operations/cloudFoundry/page';
import { v3Time } from '../../../src/operations/cloudFoundry/times';

const request = (more: Partial<ListRequest> = {}): ListRequest => ({
  page: 1,
  perPage: 10,
  orderBy: null,
  filters: {},
  createdAts: null,
  updatedAts: null,
  labelSelector: [],
  carried: {},
  ...more,
});
const page = (asked: Partial<ListRequest>, total: number) =>
  pageOf('https://portolan.example', '/v3/apps', request(asked), total, [] as string[]).pagination;
const href = (query: string) => ({ href: `https://portolan.example/v3/apps?${query}` });

test('nothing is one empty page', () => {
  expect(page({}, 0)).toEqual({
    total_results: 0,
    total_pages: 1,
    first: href('page=1&per_page=10'),
    last: href('page=1&per_page=10'),
    next: null,
    previous: null,
  });
});

test('a page in the middle leads both ways', () => {
  expect(page({ page: 2 }, 21)).toEqual({
    total_results: 21,
    total_pages: 3,
    first: href('page=1&per_page=10'),
    last: href('page=3&per_page=10'),
    next: href('page=3&per_page=10'),
    previous: href('page=1&per_page=10'),
  });
});

test('the last page, when it is full, has no next', () => {
  expect(page({ page: 2 }, 20)).toMatchObject({ total_pages: 2, next: null, previous: href('page=1&per_page=10') });
});

test.each([4, 1000])('page %d of three tells the true totals and leads back to the last', (beyond) => {
  expect(page({ page: beyond }, 21)).toMatchObject({
    total_results: 21,
    total_pages: 3,
    last: href('page=3&per_page=10'),
    next: null,
    previous: href('page=3&per_page=10'),
  });
});

test('links carry what was asked for, encoded, in alphabetical order', () => {
  const carried = { states: 'STAGED', order_by: '+name', names: 'a,b c', 'created_ats[lt]': '2026-03-01T08:00:00Z' };
  expect(page({ carried }, 1).first).toEqual(
    href('created_ats%5Blt%5D=2026-03-01T08%3A00%3A00Z&names=a%2Cb%20c&order_by=%2Bname&page=1&per_page=10&states=STAGED'),
  );
});

test('included stands beside the resources where it is asked for only', () => {
  expect(pageOf('', '/v3/apps', request(), 1, ['a'])).not.toHaveProperty('included');
  const included = pageOf('', '/v3/apps', request(), 1, ['a'], { spaces: ['b'] });
  expect(included).toMatchObject({ resources: ['a'], included: { spaces: ['b'] } });
});

test('times are told in whole seconds', () => {
  expect(v3Time('2026-03-01T08:00:00.999Z')).toBe('2026-03-01T08:00:00Z');
});
