import { service, serviceType } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
let id: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  const serviceTypeId = await serviceType(portolan, { shell: 'python manage.py shell', migrate: 'python manage.py migrate' });
  id = (await service(portolan, envId, { serviceTypeId } as object)).id;
});
afterAll(() => portolan.close());

const run = (serviceId: string, commandName: unknown, more: object = {}) =>
  portolan.call('resolveServiceCommand', { path: { id: serviceId }, body: { commandName }, ...more });

describe('200', () => {
  test('the text of the command, and nothing is written', async () => {
    const before = await portolan.sql('select count(*) from audit_logs');
    const answer = await run(id, 'migrate');
    expect([answer.status, answer.body]).toEqual([200, { command: 'python manage.py migrate' }]);
    expect(await portolan.sql('select count(*) from audit_logs')).toEqual(before);
  });
});

describe('400', () => {
  test('an unknown command is answered with the known ones', async () => {
    const answer = await run(id, 'shel');
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'VALIDATION_ERROR', 'commandName']);
    expect(answer.body.details).toEqual({ available: ['shell', 'migrate'] });
  });

  test('a type without commands', async () => {
    const bare = await service(portolan, envId, { serviceTypeId: await serviceType(portolan) } as object);
    const answer = await run(bare.id, 'shell');
    expect([answer.status, answer.body.details]).toEqual([400, { available: [] }]);
  });

  test.each([undefined, null, '', 7])('commandName %j', async (commandName) => {
    const answer = await run(id, commandName);
    expect([answer.status, answer.body.field]).toEqual([400, 'commandName']);
  });
});

describe('404', () => {
  test('an unknown service, and one outside a token’s environments', async () => {
    expect((await run('example', '')).status).toBe(404);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await run(id, 'shell', { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when the service has no type', async () => {
    const bare = await service(portolan, envId);
    const answer = await run(bare.id, 'shell');
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([409, 'CONFLICT', { state: 'no_type' }]);
  });
});

describe('412', () => {
  test('when If-Match names another version of the service', async () => {
    expect((await run(id, 'shell', { headers: { 'if-match': '"9.x"' } })).status).toBe(412);
    expect((await run(id, 'shell', { headers: { 'if-match': '"1.x"' } })).status).toBe(200);
  });
});
