import type { OperationId } from '../../../generated/operations';
import { refusalOf } from '../../support/cloudFoundry/v3Answers';
import { factsOf, v3Ids } from '../../support/contract';
import { token } from '../../support/fixtures';
import { acceptableBody, makeObjects, type Objects, pathOf } from '../../support/objects';
import { type Portolan, startPortolan } from '../../support/portolan';

/** The rules of labels and annotations, on every operation that takes some. */

const takers = v3Ids.filter((id) => factsOf(id).body?.members['']?.includes('metadata'));
const updates = takers.filter((id) => factsOf(id).method === 'patch');

let portolan: Portolan;
let userId: string;
let shared: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  userId = admin.userId;
  shared = await makeObjects(portolan, { userId });
});
afterAll(() => portolan.close());

/** New objects; the one organization loses what other tests gave it. */
async function freshObjects(): Promise<Objects> {
  for (const kind of ['labels', 'annotations']) await portolan.sql(`delete from ${kind} where resource_type = 'organization'`);
  return makeObjects(portolan, { userId });
}

const send = (id: OperationId, metadata: unknown, objects = shared) =>
  portolan.call(id, { path: pathOf(id, objects).path, body: { ...(acceptableBody(id, objects) as object), metadata } });
/** Only metadata: what else the example changes does not matter here. */
const update = (id: OperationId, metadata: unknown, objects: Objects) =>
  portolan.call(id, { path: pathOf(id, objects).path, body: { metadata } });

/** Refused with 10008, and the detail names something. */
async function expectRefused(id: OperationId, metadata: unknown, named: string | RegExp): Promise<void> {
  const { status, code, detail } = refusalOf(await send(id, metadata));
  expect([status, code, detail]).toEqual([422, 10008, expect.stringMatching(named)]);
}

test('there are operations that take metadata', () => expect(updates.length).toBeGreaterThan(0));

describe('what metadata are', () => {
  test.each(takers)('%s refuses what is no object, and other members', async (id) => {
    for (const wrong of [null, 'x', 7, true, []]) await expectRefused(id, wrong, /metadata/i);
    await expectRefused(id, { labels: {}, colours: {} }, /colours/);
    await expectRefused(id, { zzUnheardOf: null }, /zzUnheardOf/);
  });

  test.each(takers)('%s refuses labels and annotations that are no objects', async (id) => {
    for (const kind of ['labels', 'annotations']) {
      for (const wrong of ['x', 7, true, []]) await expectRefused(id, { [kind]: wrong }, kind);
    }
  });

  test.each(takers)('%s refuses values that are no text: nothing is converted', async (id) => {
    for (const kind of ['labels', 'annotations']) {
      for (const wrong of [7, 0, true, false, {}, [], ['x']]) await expectRefused(id, { [kind]: { 'key-a': wrong } }, /key-a/);
    }
  });
});

const longPrefix = (length: number) => `${`${'p'.repeat(63)}.`.repeat(3)}${'p'.repeat(length - 192)}`;

/** Keys that no label and no annotation may have, each with what the refusal says of it. */
const wrongKeys: [string, RegExp][] = [
  ['', /empty/i],
  ['a/b/c', /'\/'|slash/],
  ['a.b/c/', /'\/'|slash/],
  ['/a', /prefix/],
  ['localhost/a', /prefix/],
  ['a_b.c/d', /prefix/],
  ['-a.b/c', /prefix/],
  ['a.b-/c', /prefix/],
  ['a..b/c', /prefix/],
  ['.a.b/c', /prefix/],
  ['ä.example/c', /prefix/],
  [`${'p'.repeat(64)}.example/c`, /prefix/],
  [`${longPrefix(254)}/c`, /prefix|253/],
  ['cloudfoundry.org/a', /reserved/],
  ['CLOUDFOUNDRY.org/a', /reserved/],
  ['a.b/', /empty/],
  ['a b', /characters/],
  ['a=b', /characters/],
  ['schlüssel', /characters/],
  ['👩‍🚀', /characters/],
  ['-a', /begin|end/],
  ['a-', /begin|end/],
  ['_a', /begin|end/],
  ['a.', /begin|end/],
  ['a.b/-c', /begin|end/],
  ['x'.repeat(64), /63/],
  [`a.b/${'x'.repeat(64)}`, /63/],
];
const goodKeys = [
  'a',
  'A',
  '0',
  'a-b_c.d',
  'x'.repeat(63),
  'a.b/c',
  'A.b/C',
  'sub.cloudfoundry.org/a',
  'cloudfoundry.org.example/a',
  `${'p'.repeat(63)}.example/c`,
  `${longPrefix(253)}/c`,
  'constructor',
  'toString',
];
const wrongValues: [string, RegExp][] = [
  ['a b', /characters/],
  ['wärt', /characters/],
  ['a/b', /characters/],
  ['-a', /begin|end/],
  ['a.', /begin|end/],
  ['_', /begin|end/],
  ['x'.repeat(64), /63/],
];

describe('keys', () => {
  test.each(takers)('%s refuses every key that breaks the grammar, of labels and annotations', async (id) => {
    for (const [key, named] of wrongKeys) {
      await expectRefused(id, { labels: { [key]: 'x' } }, named);
      await expectRefused(id, { annotations: { [key]: 'x' } }, named);
    }
  });

  test.each(takers)('%s names all that are wrong in one detail', async (id) => {
    const { detail } = refusalOf(await send(id, { labels: { '-one': 'x', 'two-': 'x' }, annotations: { '-three': 'x' } }));
    for (const key of ['-one', 'two-', '-three']) expect(detail).toContain(key);
  });

  test.each(takers)('%s checks the key of a label that goes, and not that of an annotation', async (id) => {
    await expectRefused(id, { labels: { '-a': null } }, /-a/);
    await expectRefused(id, { labels: { '-a': null }, annotations: { '-b': null } }, /^(?!.*-b)/);
  });

  test.each(updates)('%s keeps every good key, and counts case', async (id) => {
    const objects = await freshObjects();
    const labels = Object.fromEntries(goodKeys.map((key, at) => [key, `v${at}`]));
    const answer = await update(id, { labels, annotations: labels }, objects);
    expect(answer.body.metadata).toEqual({ labels, annotations: labels });
  });
});

describe('values', () => {
  test.each(takers)('%s refuses values of labels that break the grammar', async (id) => {
    for (const [value, named] of wrongValues) await expectRefused(id, { labels: { 'key-a': value } }, named);
  });

  test.each(takers)('%s refuses an annotation of more than 5000 characters', async (id) => {
    await expectRefused(id, { annotations: { 'key-a': 'x'.repeat(5001) } }, /5000/);
  });

  test.each(updates)('%s keeps empty labels and annotations of any text', async (id) => {
    const objects = await freshObjects();
    const labels = { empty: '', longest: 'x'.repeat(63), mixed: 'a-b_c.D' };
    const annotations = { empty: '', longest: 'x'.repeat(5000), pairs: '😀'.repeat(5000), text: 'a b\n"\\ \u202e ä 😀' };
    const answer = await update(id, { labels, annotations }, objects);
    expect(answer.body.metadata).toEqual({ labels, annotations });
  });
});

describe('merging', () => {
  test.each(updates)('%s: absent stays, null goes, others are set; null for all of them is ignored', async (id) => {
    const objects = await freshObjects();
    await update(id, { labels: { keep: 'a', change: 'b', go: 'c' }, annotations: { note: 'n' } }, objects);
    const changed = await update(id, { labels: { change: 'B', go: null, never: null, 'a.b/go': null, fresh: 'f' } }, objects);
    expect(changed.body.metadata).toEqual({ labels: { keep: 'a', change: 'B', fresh: 'f' }, annotations: { note: 'n' } });
    for (const nothing of [{}, { labels: null, annotations: null }, { labels: {}, annotations: {} }]) {
      expect((await update(id, nothing, objects)).body.metadata).toEqual(changed.body.metadata);
    }
    const unnamed = await portolan.call(id, { path: pathOf(id, objects).path, body: {} });
    expect(unnamed.body.metadata).toEqual(changed.body.metadata);
  });

  test.each(updates)('%s: a prefixed key is another than the plain one', async (id) => {
    const objects = await freshObjects();
    await update(id, { labels: { tier: 'plain', 'a.b/tier': 'prefixed' } }, objects);
    const answer = await update(id, { labels: { tier: null } }, objects);
    expect(answer.body.metadata.labels).toEqual({ 'a.b/tier': 'prefixed' });
  });

  test.each(updates)('%s: of a refused request nothing is stored', async (id) => {
    const objects = await freshObjects();
    const before = (await update(id, { labels: { a: '1' } }, objects)).body.metadata;
    expect((await update(id, { labels: { a: '2', b: '-' }, annotations: { c: 'd' } }, objects)).status).toBe(422);
    expect((await update(id, {}, objects)).body.metadata).toEqual(before);
  });
});

describe('counts', () => {
  const many = (count: number, from = 0) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at + from}`, 'v']));
  const limits = [
    ['labels', 50, 390020],
    ['annotations', 200, 390023],
  ] as const;

  describe.each(limits)('%s: at most %i', (kind, most, code) => {
    test.each(updates)('%s', async (id) => {
      const objects = await freshObjects();
      const tooMany = refusalOf(await update(id, { [kind]: many(most + 1) }, objects));
      expect(tooMany).toMatchObject({ status: 422, code });
      expect(tooMany.detail).toMatch(new RegExp(`${most + 1}.*${most}`));
      expect((await update(id, {}, objects)).body.metadata[kind]).toEqual({});

      const full = await update(id, { [kind]: many(most) }, objects);
      expect(Object.keys(full.body.metadata[kind])).toHaveLength(most);
      expect(refusalOf(await update(id, { [kind]: { one: 'more' } }, objects))).toMatchObject({ status: 422, code });
      // As many as before: one comes, one goes.
      expect((await update(id, { [kind]: { one: 'more', k0: null, k1: 'changed' } }, objects)).status).toBe(200);
      expect((await update(id, { [kind]: { absent: null } }, objects)).status).toBe(200);
    });

    test.each(updates)('%s: what has more already may shrink and change, not grow', async (id) => {
      const objects = await freshObjects();
      await update(id, { [kind]: { k0: 'v' } }, objects);
      await portolan.sql(
        `insert into ${kind} (resource_type, resource_id, prefix, name, value)
         select resource_type, resource_id, '', 'extra' || n, 'v' from ${kind}, generate_series(1, $1) n where resource_id = $2 and name = 'k0'`,
        [most + 5, pathOf(id, objects).path.guid],
      );
      expect((await update(id, { [kind]: { extra1: 'changed' } }, objects)).status).toBe(200);
      expect((await update(id, { [kind]: { extra1: null } }, objects)).status).toBe(200);
      expect(refusalOf(await update(id, { [kind]: { more: 'v' } }, objects))).toMatchObject({ status: 422, code });
    });
  });
});
