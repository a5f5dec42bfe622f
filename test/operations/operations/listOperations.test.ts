import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { operationRow } from '../../support/rows';

let portolan: Portolan;
let home: string;
let away: string;
const registryId = uuidv7();
const creatorId = uuidv7();
/** Operations of this test by a name, which is the name of their creator; each is older by an hour than the one before. */
const rows: [name: string, where: 'home' | 'away' | null, columns: Record<string, unknown>][] = [
  ['refresh', 'home', { resource_type: 'registry', resource_id: registryId, state: 'running' }],
  ['deploy', 'home', { resource_type: 'service', kind: 'deploy.run' }],
  ['distant', 'away', { resource_type: 'registry', resource_id: uuidv7(), state: 'succeeded' }],
  ['tidy', 'away', { kind: 'environment.tidy', state: 'failed' }],
  ['sync', null, { kind: 'types.sync', state: 'cancelled' }],
  ['revoke', null, { resource_type: 'user', resource_id: uuidv7(), kind: 'user.revoke' }],
  ['unheard', 'home', { resource_type: 'submarine', resource_id: uuidv7() }],
];

beforeAll(async () => {
  portolan = await startPortolan();
  [home, away] = [await environment(portolan), await environment(portolan)];
  for (const [index, [name, where, columns]] of rows.entries()) {
    await operationRow(portolan, {
      environment_id: where && { home, away }[where],
      created_by_type: 'user',
      created_by_id: index < 2 ? creatorId : null,
      created_by_name: name,
      created_at: `2026-01-01T${20 - index}:00:00.000Z`,
      ...columns,
    });
  }
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> | string = {}, more: object = {}) =>
  portolan.call('listOperations', { query, ...more });
const namesOf = async (query: Record<string, string | boolean> | string = {}, more: object = {}) => {
  const { body } = await list(query, more);
  expect(body.total).toBe(body.operations.length);
  return body.operations.map((operation: { createdBy: { name: string } }) => operation.createdBy.name);
};

describeListRules(() => portolan, {
  operationId: 'listOperations',
  member: 'operations',
  sortable: { createdAt: (row) => row.createdAt },
  call: () => ({}),
  otherFilter: { state: 'queued' },
  otherSort: 'createdAt',
});

describe('200', () => {
  test('newest first; resources of a type that nobody knows are nobody’s', async () => {
    expect(await namesOf()).toEqual(['refresh', 'deploy', 'distant', 'tidy', 'sync', 'revoke']);
  });

  test.each([
    ['state=queued', ['deploy', 'revoke']],
    ['state=running,succeeded', ['refresh', 'distant']],
    ['kind=deploy.run', ['deploy']],
    ['kind=deploy.run,types.sync', ['deploy', 'sync']],
    ['environmentId=HOME', ['refresh', 'deploy']],
    ['environmentId=HOME,AWAY', ['refresh', 'deploy', 'distant', 'tidy']],
    [`environmentId=${uuidv7()}`, []],
    ['resourceType=registry', ['refresh', 'distant']],
    ['resourceType=registry,service', ['refresh', 'deploy', 'distant']],
    [`resourceId=${registryId}`, ['refresh']],
    [`resourceId=${registryId},${uuidv7()}`, ['refresh']],
    ['q=RUN', ['deploy']],
    ['environmentId=HOME,AWAY&resourceType=registry&state=running', ['refresh']],
  ])('%s', async (query, expected) => {
    expect(await namesOf(query.replace('HOME', home).replace('AWAY', away))).toEqual(expected);
  });

  test('mine', async () => {
    const actor = await token(portolan);
    await portolan.sql('update operations set created_by_id = $1 where created_by_id = $2', [actor.userId, creatorId]);
    expect(await namesOf({ mine: true }, { token: actor.token })).toEqual(['refresh', 'deploy']);
    expect(await namesOf({ mine: false }, { token: actor.token })).toEqual(['distant', 'tidy', 'sync', 'revoke']);
    expect(await namesOf({ mine: true })).toEqual([]);
  });

  test.each([
    [{ role: 'viewer' }, ['refresh', 'deploy', 'distant', 'tidy', 'sync']],
    [{ scopes: ['registries:read'] }, ['refresh', 'distant']],
    [{ scopes: ['registries:write'] }, []],
    [{ scopes: ['services:read', 'environments:read'] }, ['deploy', 'tidy']],
    [{ scopes: ['settings:read'] }, ['sync']],
    [{ scopes: ['users:manage'] }, ['revoke']],
    [{ scopes: [] }, []],
  ] as const)('with %j it lists what belongs to resources that may be read', async (wishes, expected) => {
    const reader = await token(portolan, wishes as object);
    expect(await namesOf({}, { token: reader.token })).toEqual(expected);
  });

  test('a limited token sees those of its environments only', async () => {
    const own = await token(portolan, { environments: [home] });
    expect(await namesOf({}, { token: own.token })).toEqual(['refresh', 'deploy']);
    expect(await namesOf({ environmentId: away }, { token: own.token })).toEqual([]);
    const both = await token(portolan, { environments: [home, away], scopes: ['registries:read'] });
    expect(await namesOf({}, { token: both.token })).toEqual(['refresh', 'distant']);
    const none = await token(portolan, { environments: [] });
    expect(await namesOf({}, { token: none.token })).toEqual([]);
  });

  test('each row is what getOperation shows', async () => {
    for (const operation of (await list()).body.operations) {
      expect((await portolan.call('getOperation', { path: { id: operation.id } })).body).toEqual({ operation });
    }
  });
});

describe('400', () => {
  test.each([
    ['state=done', 'state[0]', 'enum'],
    ['environmentId=home', 'environmentId[0]', 'format'],
    ['resourceId=x', 'resourceId[0]', 'format'],
    ['resourceType=regstry', 'resourceType[0]', 'enum'],
    ['mine=1', 'mine', 'type'],
    ['sort=state', 'sort', 'enum'],
  ])('%s', async (query, field, code) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});
