import fc from 'fast-check';
import type { ListRequest } from '../../../src/domain/cloudFoundry/listRequest';
import { type ListParameters, parseListQuery } from '../../../src/domain/cloudFoundry/parseListQuery';
import { pageOf } from '../../../src/operations/cloudFoundry/page';

const known: ListParameters = {
  parameters: [
    ...['page', 'per_page', 'order_by', 'label_selector', 'created_ats', 'updated_ats'],
    ...['guids', 'names', 'states', 'current', 'include', 'embed'],
  ],
  orderBy: ['created_at', 'updated_at', 'name'],
  choices: { include: ['space', 'space.organization'], embed: ['process_instances'] },
};

function requestOf(query: string, parameters: ListParameters = known): ListRequest {
  const parsed = parseListQuery(query, parameters);
  if ('problems' in parsed) throw new Error(parsed.problems.join(', '));
  return parsed.request;
}
function problemsOf(query: string, parameters: ListParameters = known): string[] {
  const parsed = parseListQuery(query, parameters);
  return 'problems' in parsed ? parsed.problems : [];
}

describe('a good query', () => {
  test('that is empty asks for the first fifty in the order in which they came', () => {
    expect(requestOf('')).toEqual({
      page: 1,
      perPage: 50,
      orderBy: null,
      filters: {},
      createdAts: null,
      updatedAts: null,
      labelSelector: [],
      carried: {},
    });
  });

  test.each([
    ['page=3&per_page=1', 3, 1],
    ['page=1&per_page=5000', 1, 5000],
    ['&page=007&', 7, 50],
    [`page=${'9'.repeat(400)}`, Number.MAX_SAFE_INTEGER, 50],
  ])('%s names a page', (query, page, perPage) => {
    expect(requestOf(query)).toMatchObject({ page, perPage });
  });

  test.each([
    ['order_by=name', 'name', false, '+name'],
    ['order_by=%2Bname', 'name', false, '+name'],
    ['order_by=+name', 'name', false, '+name'],
    ['order_by=%20name', 'name', false, '+name'],
    ['order_by=-name', 'name', true, '-name'],
    ['order_by=%2Dupdated_at', 'updated_at', true, '-updated_at'],
    ['order_by=created_at', 'created_at', false, '+created_at'],
  ])('%s orders', (query, member, descending, carried) => {
    expect(requestOf(query)).toMatchObject({ orderBy: { member, descending }, carried: { order_by: carried } });
  });

  test('every list can be ordered by its times, whatever else it names', () => {
    expect(requestOf('order_by=updated_at', { parameters: ['order_by'], orderBy: [] }).orderBy?.member).toBe('updated_at');
  });

  test.each([
    ['names=a', ['a']],
    ['names=a,b', ['a', 'b']],
    ['names=a%2Cb', ['a', 'b']],
    ['names=a,%20b,+c', ['a', 'b', 'c']],
    ['names=+a', [' a']],
    ['names=a%252Cb,c', ['a,b', 'c']],
    ['names=a%2520b', ['a b']],
    ['names=50%25', ['50%']],
    ['names=a%252Bb,a%2Bb', ['a+b', 'a+b']],
    ['names=', ['']],
    ['names=a,,b', ['a', '', 'b']],
    ['names=%C3%A4', ['ä']],
    ['names', ['']],
    ['nam%65s=a', ['a']],
  ])('%s filters', (query, names) => {
    expect(requestOf(query).filters).toEqual({ names });
  });

  test('current, include and embed', () => {
    expect(requestOf('current=true&include=space,space.organization&embed=process_instances').filters).toEqual({
      current: ['true'],
      include: ['space', 'space.organization'],
      embed: ['process_instances'],
    });
  });

  test.each([
    ['created_ats=2026-03-01T08:00:00Z', { equal: ['2026-03-01T08:00:00Z'] }],
    ['created_ats=2026-03-01T08%3A00%3A00Z,2028-02-29T23:59:59Z', { equal: ['2026-03-01T08:00:00Z', '2028-02-29T23:59:59Z'] }],
    ['created_ats[lt]=2026-03-01T08:00:00Z', { bounds: [{ operator: 'lt', at: '2026-03-01T08:00:00Z' }] }],
    [
      'created_ats%5Bgte%5D=2026-03-01T08:00:00Z&created_ats%5blte%5d=2026-03-02T08:00:00Z&created_ats[gt]=2026-01-01T00:00:00Z',
      {
        bounds: [
          { operator: 'gte', at: '2026-03-01T08:00:00Z' },
          { operator: 'lte', at: '2026-03-02T08:00:00Z' },
          { operator: 'gt', at: '2026-01-01T00:00:00Z' },
        ],
      },
    ],
  ])('%s bounds a time', (query, createdAts) => {
    expect(requestOf(query)).toMatchObject({ createdAts, updatedAts: null });
    expect(requestOf(query.replaceAll('created', 'updated'))).toMatchObject({ createdAts: null, updatedAts: createdAts });
  });

  test('a selector', () => {
    expect(requestOf('label_selector=env%20in%20(a,b),!x').labelSelector).toEqual([
      { key: { prefix: '', name: 'env' }, operator: 'in', values: ['a', 'b'] },
      { key: { prefix: '', name: 'x' }, operator: 'notExists' },
    ]);
    expect(requestOf('label_selector=a.b/env%3Dprod').labelSelector).toEqual(
      requestOf('label_selector=a.b/env=prod').labelSelector,
    );
  });
});

describe('a bad query names', () => {
  test.each([
    ['page=0', /\bpage\b/],
    ['page=-1', /\bpage\b/],
    ['page=1.5', /\bpage\b/],
    ['page=one', /\bpage\b/],
    ['page=', /\bpage\b/],
    ['page=%2B1', /\bpage\b/],
    ['per_page=0', /per page/],
    ['per_page=5001', /per page/],
    ['per_page=many', /per page/],
    [`per_page=${'9'.repeat(400)}`, /per page/],
    ['order_by=', /order_by.*'created_at', 'updated_at', 'name'/],
    ['order_by=size', /order_by/],
    ['order_by=--name', /order_by/],
    ['order_by=name,created_at', /order_by/],
    ['order_by=state', /order_by/],
    ['colour=red', /'colour'.*'page', 'per_page', 'order_by'/],
    ['__proto__=1', /'__proto__'/],
    ['constructor', /'constructor'/],
    ['=1', /''/],
    ['guids[]=a', /'guids\[\]'/],
    ['created_ats_x[lt]=2026-03-01T08:00:00Z', /'created_ats_x\[lt\]'/],
    ['names=a&names=b', /'names' is given twice/],
    ['names=a&%6eames=b', /'names' is given twice/],
    ['created_ats[lt]=2026-03-01T08:00:00Z&created_ats%5Blt%5D=2026-03-01T08:00:00Z', /'created_ats\[lt\]' is given twice/],
    ['names=%', /'names'.*encoding/],
    ['names=%C3', /'names'.*encoding/],
    ['names=a%00', /'names'.*encoding/],
    ['names=a%2500', /'names' holds U\+0000/],
    ['%zz=1', /'%zz'.*encoding/],
    ['current=false', /current.*'true'/],
    ['current=', /current.*'true'/],
    ['current=true,true', /current.*'true'/],
    ['include=space,app', /include.*'app'.*'space', 'space.organization'/],
    ['include=', /include.*''/],
    ['embed=stats', /embed.*'stats'.*'process_instances'/],
    ['created_ats=', /created_ats/],
    ['created_ats=yesterday', /created_ats.*YYYY-MM-DDThh:mm:ssZ/],
    ['created_ats=2026-03-01', /created_ats/],
    ['created_ats=2026-03-01T08:00:00.000Z', /created_ats/],
    ['created_ats=2026-03-01T08:00:00%2B01:00', /created_ats/],
    ['created_ats=2026-03-01T08:00:00Z,', /created_ats/],
    ['created_ats=2026-02-30T08:00:00Z', /created_ats/],
    ['created_ats=2026-03-01T24:00:00Z', /created_ats/],
    ['created_ats=0000-03-01T08:00:00Z', /created_ats/],
    ['updated_ats[lt]=tomorrow', /updated_ats\[lt\]/],
    ['updated_ats[ne]=2026-03-01T08:00:00Z', /'updated_ats\[ne\]'.*'lt', 'lte', 'gt', 'gte'/],
    ['updated_ats[]=2026-03-01T08:00:00Z', /'updated_ats\[\]'/],
    ['updated_ats[lt', /'updated_ats\[lt'/],
    ['updated_ats[lt]=2026-03-01T08:00:00Z,2026-03-02T08:00:00Z', /updated_ats\[lt\].*one time/],
    ['updated_ats=2026-03-01T08:00:00Z&updated_ats[lt]=2026-03-01T08:00:00Z', /updated_ats.*not both/],
    ['label_selector=', /missing/i],
    ['label_selector=a b', /invalid/i],
  ])('%s', (query, problem) => {
    const problems = problemsOf(query);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  test('everything at once', () => {
    const problems = problemsOf(
      'page=0&per_page=0&order_by=x&colour=red&size=1&created_ats=x&label_selector=&names=a&names=b',
    ).join(', ');
    for (const part of [/\bpage must/, /per page/, /order_by/, /'colour', 'size'/, /created_ats/, /missing/i, /'names'/]) {
      expect(problems).toMatch(part);
    }
  });

  test('what this list does not take although others do', () => {
    const parameters = ['page', 'per_page'];
    for (const query of ['order_by=name', 'created_ats[lt]=2026-03-01T08:00:00Z', 'label_selector=a', 'include=space']) {
      const problems = problemsOf(query, { parameters, orderBy: [] });
      expect(problems).toEqual([expect.stringMatching(/Unknown.*'page', 'per_page'/)]);
    }
  });

  test('include where no value is known', () => {
    expect(problemsOf('include=space', { parameters: ['include'], orderBy: [] })).toHaveLength(1);
  });
});

const time = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const text = fc.string({ unit: fc.constantFrom(...'ab ,%+&=ä[]/-"') });
const goodQuery = fc
  .record(
    {
      guids: text,
      names: text,
      order_by: fc.constantFrom('name', '+name', '-name', ' created_at', '-updated_at'),
      'created_ats[gt]': time,
      updated_ats: fc.array(time, { minLength: 1, maxLength: 3 }).map((times) => times.join(',')),
      label_selector: fc.constantFrom('a', '!a', 'a=b', 'a in (b,c)', 'x.y/a!=b'),
      include: fc.constantFrom('space', 'space,space.organization'),
      per_page: fc.integer({ min: 1, max: 5000 }).map(String),
      page: fc.integer({ min: 1, max: 20 }).map(String),
    },
    { requiredKeys: [] },
  )
  .map((parameters) => new URLSearchParams(parameters).toString());

describe('whatever is sent', () => {
  test('is taken or refused, and never throws', () => {
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'pageorder_by=&%2B,[]+-0') }),
      fc
        .array(fc.tuple(fc.constantFrom(...known.parameters, 'created_ats[lt]'), fc.string()), { maxLength: 5 })
        .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&')),
    );
    fc.assert(
      fc.property(raw, (query) => {
        const parsed = parseListQuery(query, known);
        expect('request' in parsed || parsed.problems.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('is asked for again by the links to the other pages', () => {
    fc.assert(
      fc.property(goodQuery, fc.integer({ min: 0, max: 100_000 }), (query, total) => {
        const request = requestOf(query);
        const { pagination } = pageOf('https://portolan.example', '/v3/apps', request, total, []);
        const { first, last, next, previous } = pagination;
        for (const [link, page] of [
          [first, 1],
          [last, pagination.total_pages],
          [next, request.page + 1],
          [previous, Math.min(request.page - 1, pagination.total_pages)],
        ] as const) {
          if (link) expect(requestOf(new URL(link.href).search.slice(1))).toEqual({ ...request, page });
        }
      }),
    );
  });
});
