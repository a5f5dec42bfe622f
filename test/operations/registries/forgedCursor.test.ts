import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  for (let i = 0; i < 3; i++) await registryRow(portolan, envId, { name: `r${i}`, created_at: '2026-03-01' });
});
afterAll(() => portolan.close());

const id = '01920000-0000-7000-8000-000000000000';

/** A cursor of the list with other values in it, signed as the list signs. */
async function forged(sort: string, values: unknown[]): Promise<string> {
  const { nextCursor } = (await portolan.call('listRegistries', { path: { envId }, query: { sort, limit: 1 } })).body;
  const [signature] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString());
  return Buffer.from(JSON.stringify([signature, ...values])).toString('base64url');
}

test.each([
  ['createdAt', ['2026-02-31T00:00:00.000Z', id]],
  ['createdAt', ['2026-02-01T24:00:00.000Z', id]],
  ['createdAt', ['0000-01-01T00:00:00.000Z', id]],
  ['createdAt', ['now', id]],
  ['createdAt', [1772323200000, id]],
  ['createdAt', [null, id]],
  ['name', ['a\0', id]],
  ['name', ['\ud800', id]],
  ['name', [['a'], id]],
  ['name', ['a', 'x']],
  ['name', ['a', 7]],
  ['name', ['a']],
  ['name', ['a', id, id]],
  ['isDefault', ['true', id]],
  ['isDefault', [1, id]],
])('sort=%s with %j is no cursor', async (sort, values) => {
  const cursor = await forged(sort, values);
  const answer = await portolan.call('listRegistries', { path: { envId }, query: { sort, cursor } });
  expect([answer.status, answer.body.field]).toEqual([400, 'cursor']);
});

test.each([
  ['createdAt', ['2026-02-28T23:59:59.999Z', id], 3],
  ['-createdAt', ['2026-02-28T23:59:59.999Z', id], 0],
  ['name', ['r0', 'ffffffff-ffff-ffff-ffff-ffffffffffff'], 2],
] as const)('sort=%s from a place that no row has, %j', async (sort, values, expected) => {
  const cursor = await forged(sort, [...values]);
  const { status, body } = await portolan.call('listRegistries', { path: { envId }, query: { sort, cursor } });
  expect([status, body.registries.length]).toEqual([200, expected]);
});
