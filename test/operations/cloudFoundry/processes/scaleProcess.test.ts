import { type Caller, suspend } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
import { type Scene, sceneOfProcesses } from './processesOfTests';

let portolan: Portolan;
let scene: Scene;

beforeAll(async () => {
  portolan = await startPortolan();
  scene = await sceneOfProcesses(portolan);
});
afterAll(() => portolan.close());

const scale = (guid: string, body: unknown = {}, caller: Caller = 'admin') =>
  portolan.call('scaleProcess', { path: { guid }, body, token: scene.callers[caller] });
const problem = ({ status, body }: Answered) => [status, body.errors[0].code];
const present = { instances: 2, memory_in_mb: 0, disk_in_mb: 0, log_rate_limit_in_bytes_per_second: -1 };

describe('202', () => {
  test.each([
    ['nothing', {}],
    ['what is there', present],
    ['one value that is there', { instances: 2 }],
  ])('for %s: the process, and where it is', async (_, body) => {
    const answer = await scale(scene.shop, body);
    expect(answer.status).toBe(202);
    const { body: process } = await portolan.call('getProcess', { path: { guid: scene.shop } });
    expect(answer.body).toEqual(process);
    expect(answer.headers.location).toBe(process.links.self.href);
  });

  test('for a supporter whose token may deploy, with the command hidden', async () => {
    const scopes = ['droplets:read', 'droplets:assign', 'deploys:write'];
    const supporter = await token(portolan, { role: 'operator', scopes, environments: [scene.space] });
    const answer = await portolan.call('scaleProcess', { path: { guid: scene.shop }, body: {}, token: supporter.token });
    expect([answer.status, answer.body.command]).toEqual([202, '[PRIVATE DATA HIDDEN]']);
  });
});

test('400 for what is no JSON object', async () => {
  expect(problem(await scale(scene.shop, '['))).toEqual([400, 1001]);
});

test('401 without a credential', async () => {
  expect(problem(await scale(scene.shop, {}, 'anonymous'))).toEqual([401, 10002]);
});

describe('403', () => {
  test.each(['reader', 'supporter', 'viewer'] as const)('for the %s, who may not deploy', async (caller) => {
    expect(problem(await scale(scene.shop, {}, caller))).toEqual([403, 10003]);
  });

  test('while the installation is suspended, but for an admin', async () => {
    await suspend(portolan, true);
    try {
      expect(problem(await scale(scene.shop, {}, 'developer'))).toEqual([403, 10017]);
      expect((await scale(scene.shop, {}, 'admin')).status).toBe(202);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    const answer = await scale(guid);
    expect([problem(answer), answer.body.errors[0].detail]).toEqual([[404, 10010], 'Process not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await scale(scene.shop, {}, 'outside'))).toEqual([404, 10010]);
  });
});

describe('422', () => {
  test.each([
    ['instances', 3],
    ['instances', 0],
    ['memory_in_mb', 256],
    ['disk_in_mb', 1024],
    ['log_rate_limit_in_bytes_per_second', 0],
    ['instances', '2'],
    ['instances', -1],
    ['instances', null],
    ['size', 1],
  ])('%s: %s', async (member, value) => {
    const answer = await scale(scene.shop, { [member]: value });
    expect(problem(answer)).toEqual([422, 10008]);
    expect(answer.body.errors[0].detail).toContain(member);
  });

  test('names all of several', async () => {
    const answer = await scale(scene.shop, { instances: 1, memory_in_mb: 64 });
    for (const member of ['instances is 2', 'memory_in_mb']) expect(answer.body.errors[0].detail).toContain(member);
  });
});
