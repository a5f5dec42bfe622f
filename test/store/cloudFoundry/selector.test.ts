import fc from 'fast-check';
import { sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import { parseLabelSelector, type Requirement } from '../../../src/domain/cloudFoundry/labelSelector';
import { metadataChangeOf } from '../../../src/domain/cloudFoundry/metadata';
import { type MetadataType, saveMetadata } from '../../../src/store/cloudFoundry/metadata';
import {
  type Candidates,
  candidateConditions,
  selectorCandidates,
  selectorConditions,
} from '../../../src/store/cloudFoundry/selector';
import { type Portolan, startPortolan } from '../../support/portolan';
import { type Labels, matchesSelector, someLabels, someRequirement } from '../../support/selectors';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const save = (type: MetadataType, id: string, metadata: unknown) =>
  portolan.context.database.transact((tx) => saveMetadata(tx, type, id, metadataChangeOf(metadata)));

const requirementsOf = (text: string): Requirement[] => {
  const parsed = parseLabelSelector(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.requirements;
};

const candidatesOf = (type: MetadataType, text: string) =>
  selectorCandidates(portolan.context.database.db, type, requirementsOf(text));

/** Indexes of the resources, among those given, that a selector finds. */
async function found(
  type: MetadataType,
  ids: readonly string[],
  selector: readonly Requirement[],
  candidates: Candidates | null,
): Promise<number[]> {
  const id = sql.ref<string>('resource.id');
  const conditions = candidates ? candidateConditions(type, id, candidates) : selectorConditions(type, id, selector);
  const rows = await portolan.context.database.db
    .selectFrom(sql<{ id: string; at: number }>`unnest(${ids}::uuid[]) with ordinality`.as(sql`resource(id, at)`))
    .select(sql<number>`resource.at::int - 1`.as('index'))
    .where((eb) => eb.and(conditions))
    .orderBy('resource.at')
    .execute();
  return rows.map(({ index }) => index);
}

/** What is found among all, and among the candidates, which is the same. */
async function foundBothWays(type: MetadataType, ids: readonly string[], text: string): Promise<number[]> {
  const requirements = requirementsOf(text);
  const all = await found(type, ids, requirements, null);
  const candidates = await selectorCandidates(portolan.context.database.db, type, requirements);
  expect(await found(type, ids, requirements, candidates)).toEqual(all);
  return all;
}

test('every operator finds what the domain finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someLabels, { minLength: 1, maxLength: 12 }),
      fc.array(fc.array(someRequirement, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 10 }),
      async (resources: Labels[], selectors) => {
        const ids = resources.map(() => uuidv7());
        for (const [index, labels] of resources.entries()) {
          await save('droplet', ids[index] as string, { labels });
          // The same keys on something else must make no difference.
          await save('app', ids[resources.length - 1 - index] as string, { labels });
        }
        for (const written of selectors) {
          const text = written.map(({ text }) => text).join(',');
          const expected = resources.flatMap((labels, index) => (matchesSelector(labels, requirementsOf(text)) ? [index] : []));
          expect(await foundBothWays('droplet', ids, text)).toEqual(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['k', [0, 1, 2]],
  ['!k', [3, 4]],
  ['k=v', [0]],
  ['k==v', [0]],
  ['k!=v', [1, 2, 3, 4]],
  ['k in (v,w)', [0, 1]],
  ['k notin (v,w)', [2, 3, 4]],
  ['k=', []],
  ['k in ()', []],
  ['k!=', [0, 1, 2, 3, 4]],
  ['k notin ()', [0, 1, 2, 3, 4]],
  ['p.q/k', [3]],
  ['!p.q/k', [0, 1, 2, 4]],
  ['k,k!=v', [1, 2]],
  ['k,!k', []],
  ['k=V', []],
  ['K', []],
])('%s', async (text, expected) => {
  const resources: Labels[] = [{ k: 'v' }, { k: 'w' }, { k: '' }, { 'p.q/k': 'v' }, { other: 'v' }];
  const ids = resources.map(() => uuidv7());
  for (const [index, labels] of resources.entries()) await save('build', ids[index] as string, { labels });
  expect(await foundBothWays('build', ids, text)).toEqual(expected);
});

test('fifty requirements are one statement like any other', async () => {
  const ids = [uuidv7(), uuidv7()];
  const labels = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']));
  await save('space', ids[0] as string, { labels });
  await save('space', ids[1] as string, { labels: { ...labels, k49: 'w' } });
  const selector = Object.keys(labels)
    .map((key) => `${key}=v`)
    .join(',');
  expect(await foundBothWays('space', ids, selector)).toEqual([0]);
});

describe('candidates', () => {
  /** Resources of one type with a label of the name `common`; each tenth has `some` too, and one has `single`. */
  async function many(type: MetadataType, count: number): Promise<void> {
    const label = (name: string, value: string, step: number) =>
      portolan.sql(
        `insert into labels (resource_type, resource_id, name, value)
         select $1, ('01970000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $2, ${value} from generate_series(1, $3::int, $4::int) n`,
        [type, name, count, step],
      );
    await label('common', "'v' || n % 2", 1);
    await label('some', "'v' || n % 2", 10);
    await label('single', "'v'", count);
  }
  beforeAll(() => many('package', 2100));

  test.each([
    ['common', null],
    ['some', 210],
    ['single', 1],
    ['none', 0],
    ['common=v1', null],
    ['common=v2', 0],
    ['common in (v0,v1)', null],
    ['some in (v1,v1,v2)', 210],
    ['common,some', 210],
    ['some,single,common', 1],
    ['some,common=none', 0],
    ['some,!single', 210],
    ['some,common!=v1', 210],
    ['common,!single', null],
    ['common,common=v0,common=v1,some,some=v1', 210],
    ['common,common=v0,common=v1,some,some=v1,single', 1],
    ['common,common=v0,common=v1,common!=v2,common in (v0,v1)', null],
    ['!single', null],
    ['single!=v', null],
    ['single notin (v)', null],
    ['p.q/single', 0],
    [`single in (${Array.from({ length: 21 }, (_, index) => `v${index}`).join(',')})`, null],
  ])('%s: %p', async (text, count) => {
    expect((await candidatesOf('package', text))?.ids.length ?? null).toBe(count);
  });

  test('are of one type', async () => {
    expect((await candidatesOf('app', 'single'))?.ids).toEqual([]);
  });

  test('a thousand are the most', async () => {
    await many('deployment', 1000);
    expect((await candidatesOf('deployment', 'common'))?.ids).toHaveLength(1000);
    await save('deployment', uuidv7(), { labels: { common: 'v0' } });
    expect(await candidatesOf('deployment', 'common')).toBeNull();
  });
});
