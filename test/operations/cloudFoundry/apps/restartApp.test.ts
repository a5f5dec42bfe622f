import { appIn, type Caller, type Callers, callersOf, dropletRow, makeCurrent, suspend } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let app: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  app = await appIn(portolan, space);
  await makeCurrent(portolan, await dropletRow(portolan, app));
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const restart = (guid: string, caller: Caller = 'admin') =>
  portolan.call('restartApp', { path: { guid }, token: callers[caller] });
const problem = ({ status, body }: Answered) => [status, body.errors[0].code];

test('401 without a credential', async () => {
  expect(problem(await restart(app, 'anonymous'))).toEqual([401, 10002]);
});

describe('403', () => {
  test.each(['reader', 'supporter', 'viewer'] as const)('for the %s, who may not deploy', async (caller) => {
    expect(problem(await restart(app, caller))).toEqual([403, 10003]);
  });

  test('while the installation is suspended', async () => {
    await suspend(portolan, true);
    try {
      expect(problem(await restart(app, 'developer'))).toEqual([403, 10017]);
      expect(problem(await restart(app, 'admin'))).toEqual([422, 10008]);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    const answer = await restart(guid);
    expect([problem(answer), answer.body.errors[0].detail]).toEqual([[404, 10010], 'App not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await restart(app, 'outside'))).toEqual([404, 10010]);
  });
});

describe('422', () => {
  test.each(['admin', 'developer'] as const)('for the %s: no executor is present, and nothing is changed', async (caller) => {
    const answer = await restart(app, caller);
    expect(problem(answer)).toEqual([422, 10008]);
    expect(answer.body.errors[0].detail).toMatch(/executor/);
    expect(await portolan.sql('select desired_state, version from services where id = $1', [app])).toEqual([
      { desired_state: 'started', version: 1 },
    ]);
    expect(await portolan.sql('select from audit_logs where resource_id = $1', [app])).toEqual([]);
  });

  test('for a supporter whose token may deploy', async () => {
    const scopes = ['droplets:read', 'droplets:assign', 'deploys:write'];
    const supporter = await token(portolan, { role: 'operator', scopes, environments: [space] });
    const answer = await portolan.call('restartApp', { path: { guid: app }, token: supporter.token });
    expect(problem(answer)).toEqual([422, 10008]);
  });

  test('without a droplet: the words that clients know', async () => {
    const answer = await restart(await appIn(portolan, space));
    expect(answer.body.errors).toEqual([
      { code: 10008, title: 'CF-UnprocessableEntity', detail: 'Assign a droplet before starting this app.' },
    ]);
  });
});
