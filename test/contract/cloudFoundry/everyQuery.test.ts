import type { OperationId } from '../../../generated/operations';
import { refusalOf } from '../../support/cloudFoundry/v3Answers';
import { factsOf, v3Ids } from '../../support/contract';
import { token } from '../../support/fixtures';
import { acceptableBody, makeObjects, type Objects, pathOf } from '../../support/objects';
import { type Portolan, startPortolan } from '../../support/portolan';

/** What every operation of /v3 makes of a query, before any lookup. */

const queried = v3Ids.filter((id) => Object.keys(factsOf(id).query).length > 0);
const unqueried = v3Ids.filter((id) => Object.keys(factsOf(id).query).length === 0);
const takes = (name: string) => queried.filter((id) => name in factsOf(id).query);
const lists = takes('page');
const each = (ids: readonly OperationId[]) => test.each(ids.map((id) => [id] as const));

let portolan: Portolan;
let objects: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  objects = await makeObjects(portolan, { userId: admin.userId });
});
afterAll(() => portolan.close());

const ask = (id: OperationId, query: string, path = pathOf(id, objects).path) => {
  const body = acceptableBody(id, objects);
  return portolan.call(id, { path, query, ...(body === undefined ? {} : { body }) });
};
const nowhere = (id: OperationId) => Object.fromEntries(Object.keys(factsOf(id).nouns).map((name) => [name, 'none']));

/** A query is refused with 10005, and the detail names something. */
async function expectRefused(id: OperationId, query: string, named: string | RegExp): Promise<void> {
  const { status, code, detail } = refusalOf(await ask(id, query));
  expect([query, status, code, detail]).toEqual([query, 400, 10005, expect.stringMatching(named)]);
}

describe('an unknown key', () => {
  each(queried)('%s answers 400 10005, names it and the valid ones', async (id) => {
    const { status, code, detail } = refusalOf(await ask(id, 'zzUnheardOf=1'));
    expect([status, code]).toEqual([400, 10005]);
    expect(detail).toContain("'zzUnheardOf'");
    for (const name of Object.keys(factsOf(id).query)) expect(detail).toContain(name);
  });

  each(queried)('%s answers so before it looks for what the path names', async (id) => {
    expect(refusalOf(await ask(id, 'zzUnheardOf=1', nowhere(id)))).toMatchObject({ status: 400, code: 10005 });
  });

  each(queried)('%s takes parameters of other operations for unknown', async (id) => {
    for (const name of ['limit', 'cursor', 'q', 'sort', 'fields[space]', 'Page', 'created_at', '__proto__', 'constructor']) {
      if (!(name in factsOf(id).query)) await expectRefused(id, `${encodeURIComponent(name)}=1`, /Unknown query parameter/);
    }
  });

  each(unqueried)('%s has no parameters and does not look at the query', async (id) => {
    const [plain, odd] = [await ask(id, '', nowhere(id)), await ask(id, 'zzUnheardOf=1&page=x&%zz&&=', nowhere(id))];
    // What makes something new cannot do so twice; that it is asked about its body shows that the query was passed over.
    if (factsOf(id).success === 201) return expect(odd.status).not.toBe(400);
    expect(odd.status).toBe(plain.status);
    if (Object.keys(factsOf(id).nouns).length > 0) expect(odd.text).toBe(plain.text);
  });
});

describe('several problems', () => {
  each(lists)('%s names all of them in one detail', async (id) => {
    const { status, detail } = refusalOf(await ask(id, 'page=0&per_page=x&zzUnheardOf=1&order_by=colour'));
    expect(status).toBe(400);
    for (const named of [/page/, /per page/, /zzUnheardOf/, /order_by/]) expect(detail).toMatch(named);
  });
});

describe('pages', () => {
  each(lists)('%s refuses a page that is no integer from 1', async (id) => {
    for (const page of ['0', '-1', 'x', '1.5', '', '%20', '1e3', '0x1', '1,2']) await expectRefused(id, `page=${page}`, /page/);
  });

  each(lists)('%s refuses pages of other sizes than 1 to 5000', async (id) => {
    for (const size of ['0', '5001', 'fifty', '-1', '', '1.5', '99999999999999999999']) {
      await expectRefused(id, `per_page=${size}`, /per page/i);
    }
    for (const size of [1, 5000]) expect((await ask(id, `per_page=${size}`)).status).toBe(200);
  });

  each(lists)('%s past its end: no rows, the true totals, and the way back', async (id) => {
    const all = (await ask(id, 'per_page=5000')).body;
    const { pagination, resources } = (await ask(id, 'page=4000&per_page=1')).body;
    const pages = Math.max(1, all.pagination.total_results);
    expect(resources).toEqual([]);
    expect([pagination.total_results, pagination.total_pages]).toEqual([all.pagination.total_results, pages]);
    expect(pagination.next).toBeNull();
    expect(pagination.previous).toEqual(pagination.last);
    expect(pagination.last.href).toMatch(new RegExp(`[?&]page=${pages}(&|$)`));
    expect((await ask(id, 'page=99999999999999999999')).body.resources).toEqual([]);
  });

  each(lists)('%s links are absolute, keep filters and are in the order of their keys', async (id) => {
    const hasSelector = 'label_selector' in factsOf(id).query;
    const filters = hasSelector ? 'label_selector=a%2Cb%20in%20(c%2Cd)&guids=x%2Cy' : 'per_page=7';
    const { pagination } = (await ask(id, `order_by=created_at&${filters}&page=1`)).body;
    for (const link of [pagination.first, pagination.last]) {
      const url = new URL(link.href);
      expect(url.origin).toBe(portolan.url);
      expect(url.pathname).toBe(
        factsOf(id).path.replace(/\{(\w+)\}/g, (_, name: string) => pathOf(id, objects).path[name] as string),
      );
      const keys = [...url.searchParams.keys()];
      expect(keys).toEqual([...keys].sort());
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        page: '1',
        per_page: hasSelector ? '50' : '7',
        order_by: '+created_at',
        ...(hasSelector ? { label_selector: 'a,b in (c,d)', guids: 'x,y' } : {}),
      });
      expect(link.href).toContain('order_by=%2Bcreated_at');
      expect(link.href).not.toContain(',');
      expect((await portolan.send('GET', link.href.slice(portolan.url.length))).status).toBe(200);
    }
  });

  each(lists)('%s is read page by page, each row once', async (id) => {
    const all = (await ask(id, 'per_page=5000')).body;
    const seen: string[] = [];
    let path: string | null = null;
    for (let pages = 0; pages < 20; pages++) {
      const answer: any = path === null ? await ask(id, 'per_page=2') : await portolan.send('GET', path);
      seen.push(...answer.body.resources.map(({ guid }: { guid: string }) => guid));
      const { next } = answer.body.pagination;
      if (!next) break;
      path = next.href.slice(portolan.url.length);
    }
    expect(seen.slice(0, 40)).toEqual(all.resources.map(({ guid }: { guid: string }) => guid).slice(0, 40));
  });
});

describe('order_by', () => {
  const ordered = takes('order_by');
  each(ordered)('%s takes its members with + and -, also decoded', async (id) => {
    for (const member of new Set(['created_at', 'updated_at', ...(factsOf(id).sortable ?? [])])) {
      for (const sign of ['', '-', '%2B', '+', '%20']) {
        expect([sign, member, (await ask(id, `order_by=${sign}${member}`)).status]).toEqual([sign, member, 200]);
      }
    }
  });
  each(ordered)('%s refuses anything else', async (id) => {
    for (const order of ['', 'guid', 'colour', '--created_at', 'created_at,updated_at', '-', '%00', 'created_at%20desc']) {
      await expectRefused(id, `order_by=${order}`, /order_by/);
    }
  });
});

describe('times', () => {
  const good = '2026-03-01T08:00:00Z';
  const wrong = [
    '',
    'yesterday',
    '2026-03-01',
    '2026-03-01T08:00:00',
    '2026-03-01T08:00:00.5Z',
    '2026-03-01T08:00:00%2B01:00',
    '2026-02-30T08:00:00Z',
    '2026-03-01t08:00:00z',
    `${good},`,
    `${good},x`,
  ];
  describe.each(['created_ats', 'updated_ats'])('%s', (name) => {
    each(takes(name))('%s takes whole seconds of UTC', async (id) => {
      for (const query of [good, `${good},${good}`]) expect((await ask(id, `${name}=${query}`)).status).toBe(200);
      for (const operator of ['lt', 'lte', 'gt', 'gte']) expect((await ask(id, `${name}[${operator}]=${good}`)).status).toBe(200);
      expect((await ask(id, `${name}%5Bgt%5D=${good}&${name}[lt]=${good}`)).status).toBe(200);
    });
    each(takes(name))('%s refuses other forms, operators and several bounds', async (id) => {
      for (const time of wrong) await expectRefused(id, `${name}=${time}`, name);
      for (const key of ['[eq]', '[]', '[gt', '[gt][lt]']) await expectRefused(id, `${name}${key}=${good}`, name);
      await expectRefused(id, `${name}[gt]=${good},${good}`, name);
      await expectRefused(id, `${name}[gt]=x`, name);
    });
  });
});

describe('label_selector', () => {
  const selected = takes('label_selector');
  const malformed: [string, RegExp][] = [
    ['', /missing/],
    [',', /missing/],
    [',,,', /missing/],
    ['a b', /invalid/],
    ['a in b', /invalid/],
    ['a in (b', /invalid/],
    ['a in(b)', /invalid/],
    ['a  in (b)', /invalid/],
    ['a IN (b)', /invalid/],
    ['a = b', /invalid/],
    ['a (b)', /invalid/],
    ['!a=b', /label_selector/],
    ['!', /empty/],
    ['=b', /empty/],
    ['a=b=c', /characters/],
    ['-a', /begin|end/],
    ['a.', /begin|end/],
    ['a=-b', /begin|end/],
    ['x y=z', /invalid/],
    [`${'a'.repeat(64)}`, /63/],
    [`a=${'b'.repeat(64)}`, /63/],
    ['localhost/a', /prefix/],
    ['a..b/c', /prefix/],
    [`${`${'p'.repeat(63)}.`.repeat(4)}pp/a`, /prefix|253/],
    ['cloudfoundry.org/a', /reserved/],
    ['CloudFoundry.org/a=b', /reserved/],
    ['a.b/', /empty/],
    ['a.b/c/d', /'\/'|slash/],
    ['schl\u00fcssel', /characters/],
    ['a=w\u00e4rt', /characters/],
    ['a in (b,c d)', /characters/],
    [Array.from({ length: 51 }, (_, at) => `k${at}`).join(','), /50/],
  ];
  describe.each(malformed)('%s', (selector, named) => {
    each(selected)('%s answers 400 10005', async (id) => {
      await expectRefused(id, `label_selector=${encodeURIComponent(selector)}`, named);
    });
  });

  const wellFormed = [
    'a',
    '!a',
    'a=b',
    'a==b',
    'a!=b',
    'a=',
    'a!=',
    'a in (b)',
    'a in (b,c)',
    'a in ()',
    'a notin (b,c)',
    'a notin ()',
    'in in (in)',
    'a,,b',
    'a.b/c=d',
    'sub.cloudfoundry.org/a',
    Array.from({ length: 50 }, (_, at) => `k${at}`).join(','),
  ];
  each(selected)('%s reads every operator', async (id) => {
    for (const selector of wellFormed) {
      expect([selector, (await ask(id, `label_selector=${encodeURIComponent(selector)}`)).status]).toEqual([selector, 200]);
    }
    expect((await ask(id, 'label_selector=a+in+(b)')).status).toBe(200);
  });
});

describe('lists of values', () => {
  const listed = lists.flatMap((id) =>
    Object.keys(factsOf(id).query)
      .filter((name) => /s$|_type$/.test(name) && !name.endsWith('_ats'))
      .map((name) => [id, name] as const),
  );
  test.each(listed)('%s %s: what nobody has matches nothing, in any encoding', async (id, name) => {
    for (const value of [
      'none',
      'none,nothing',
      'none%2Cnothing',
      'none%252Cnothing',
      '',
      ',',
      '👩‍🚀',
      "';--",
      'x'.repeat(4000),
    ]) {
      const answer = await ask(id, `${name}=${encodeURI(value).replaceAll('%25', '%')}`);
      expect([name, value, answer.status, answer.body.resources]).toEqual([name, value, 200, []]);
      expect(answer.body.pagination.total_results).toBe(0);
    }
    await expectRefused(id, `${name}=%2500`, name);
  });

  each(takes('guids'))('%s finds its rows by guids, with blanks behind commas and commas encoded', async (id) => {
    const [first, second] = (await ask(id, 'per_page=2')).body.resources.map(({ guid }: { guid: string }) => guid);
    if (first === undefined) return;
    const wanted = second === undefined ? [first] : [first, second];
    for (const separator of [',', '%2C', ',%20', ',+', '%2C%20']) {
      const answer = await ask(id, `guids=${[...wanted, 'none'].join(separator)}`);
      expect(answer.body.resources.map(({ guid }: { guid: string }) => guid)).toEqual(wanted);
    }
    expect((await ask(id, `guids=${wanted[0]}%252C${wanted[0]}`)).body.resources).toEqual([]);
  });

  each(takes('guids'))('%s takes a query of 16 KiB, and 200 guids', async (id) => {
    const guids = Array.from({ length: 400 }, (_, at) => `01920000-0000-7000-8000-${String(at).padStart(12, '0')}`);
    expect((await ask(id, `guids=${guids.join('%2C')}`)).status).toBe(200);
  });
});

describe('the encoding of a query', () => {
  each(queried)('%s refuses what is no percent-encoding, and a parameter that is given twice', async (id) => {
    const name = Object.keys(factsOf(id).query)[0] as string;
    for (const query of [`${name}=%zz`, `${name}=%ff`, `${name}=%00`, '%zz=1']) {
      expect([query, refusalOf(await ask(id, query))]).toEqual([query, expect.objectContaining({ status: 400, code: 10005 })]);
    }
    expect(refusalOf(await ask(id, `${name}=a&${name}=b`))).toMatchObject({ status: 400, code: 10005 });
  });
});
