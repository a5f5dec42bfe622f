import { uuidv7 } from 'uuidv7';
import { seal } from '../../../src/store/sealing';
import { testKeyring } from '../../support/config';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';
import { attach, createFile, createFragment, place, refusal } from './files';

let portolan: Portolan;
let envId: string;
let envName: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envName = unique('env');
  envId = await environment(portolan, envName);
});
afterAll(() => portolan.close());

const preview = (id: string, body: unknown = {}, more: object = {}) =>
  portolan.call('previewConfigFile', { path: { id }, body, ...more });
const setVar = (key: string, value: string) =>
  portolan.sql('insert into vars (id, environment_id, key, value) values (gen_random_uuid(), $1, $2, $3)', [envId, key, value]);
async function setSecret(key: string, value: string): Promise<void> {
  const id = uuidv7();
  const sealed = seal(testKeyring, { table: 'secrets', column: 'value_sealed', rowId: id }, value);
  await portolan.sql('insert into secrets (id, environment_id, key, value_sealed) values ($1, $2, $3, $4)', [
    id,
    envId,
    key,
    sealed,
  ]);
}

describe('200', () => {
  test('fragments, own content, values; secrets of any length as ***', async () => {
    await setVar('A_VAR', 'plain ${B_SECRET}');
    await setSecret('B_SECRET', 'hidden-canary-1');
    await setSecret('SHORT', 'pin');
    await setVar('SHORT', 'the secret wins');
    const first = await createFragment(portolan, envId, { name: 'first', content: 'a=${A_VAR}\n' });
    const second = await createFragment(portolan, envId, { name: 'second', content: 'b=${B_SECRET} c=${SHORT}' });
    const content = 'd=$${A_VAR} e=${NONE} f=${ALSO_NONE} ${NONE}\n';
    const { id } = await createFile(portolan, envId, { content, fragmentIds: [second.id, first.id] });
    const answer = await preview(id);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      content:
        '# fragment second\nb=*** c=***\n\n# fragment first\na=plain ${B_SECRET}\n\n# own content\nd=${A_VAR} e=${NONE} f=${ALSO_NONE} ${NONE}\n',
      missing: ['NONE', 'ALSO_NONE'],
      templateErrors: [],
    });
  });

  test('a secret that stands in the text itself is hidden, in base64 too', async () => {
    await setSecret('C_SECRET', 'hidden-canary-2');
    const base64 = Buffer.from('hidden-canary-2').toString('base64').replace(/=+$/, '');
    const { id } = await createFile(portolan, envId, { content: `x=hidden-canary-2 y=${base64}` });
    expect((await preview(id)).text).not.toMatch(/canary|aGlkZGVuLWNhbmFyeS/);
  });

  test('content and fragments that are not saved yet; nothing is changed', async () => {
    const part = await createFragment(portolan, envId, { name: unique('unsaved'), content: 'part' });
    const file = await createFile(portolan, envId, { content: 'stored', fragmentIds: [part.id] });
    expect((await preview(file.id, { content: 'new', fragmentIds: [] })).body.content).toBe('new');
    expect((await preview(file.id, { content: '' })).body.content).toContain('part');
    expect((await preview(file.id, { fragmentIds: [] })).body.content).toBe('stored');
    const got = await portolan.call('getConfigFile', { path: { id: file.id } });
    expect([got.headers.etag, got.body.configFile]).toEqual([expect.stringMatching(/^"1\./), file]);
    expect(await portolan.sql('select action from audit_logs where resource_id = $1', [file.id])).toHaveLength(1);
  });

  test('server loops, and where one is wrong', async () => {
    await portolan.sql(
      `insert into servers (id, environment_id, name, hostname, tags) values
       (gen_random_uuid(), $1, 'b', '10.0.0.2', '["web"]'), (gen_random_uuid(), $1, 'a', '10.0.0.1', '["web"]'), (gen_random_uuid(), $1, 'c', '10.0.0.3', '[]')`,
      [envId],
    );
    const content = '{{range servers tag="web"}}{{.name}}={{.privateIp}};{{end}}';
    const { id } = await createFile(portolan, envId, { content });
    expect((await preview(id)).body.content).toBe('a=10.0.0.1;b=10.0.0.2;');
    expect(
      (await preview(id, { content: `{{range servers environment="${envName}" name="c"}}{{.id}}{{end}}` })).body.content,
    ).toMatch(/^[0-9a-f-]{36}$/);
    const wrong = await preview(id, { content: 'x\n  {{range servers}}{{.nothing}}{{end}}' });
    expect(wrong.body.content).toBe('x\n  {{range servers}}{{.nothing}}{{end}}');
    expect(wrong.body.templateErrors).toEqual([{ line: 2, column: expect.any(Number), message: expect.any(String) }]);
  });

  test('for a placement of the environment, without a body, and by a viewer', async () => {
    const { id } = await createFile(portolan, envId, { content: 'x' });
    const { serviceId } = await attach(portolan, envId, id);
    const serviceDeploymentId = await place(portolan, envId, serviceId);
    expect((await preview(id, { serviceDeploymentId })).body.content).toBe('x');
    const viewer = (await token(portolan, { role: 'viewer' })).token;
    expect((await preview(id, undefined, { token: viewer })).body.content).toBe('x');
  });
});

describe('400', () => {
  test('fragments and placements that are not there', async () => {
    const { id } = await createFile(portolan, envId);
    const unknown = uuidv7();
    expect(refusal(await preview(id, { fragmentIds: [unknown] }))).toEqual([400, 'fragmentIds[0]', 'unknown_reference']);
    expect(refusal(await preview(id, { serviceDeploymentId: unknown }))).toEqual([
      400,
      'serviceDeploymentId',
      'unknown_reference',
    ]);
    const other = await environment(portolan);
    const foreign = await createFile(portolan, other);
    const { serviceId } = await attach(portolan, other, foreign.id);
    const placement = await place(portolan, other, serviceId);
    expect(refusal(await preview(id, { serviceDeploymentId: placement }))).toEqual([
      400,
      'serviceDeploymentId',
      'wrong_environment',
    ]);
  });

  test('a loop over servers of an environment out of reach, in what is not saved', async () => {
    const name = unique('secret');
    await environment(portolan, name);
    const { id } = await createFile(portolan, envId);
    const { token: local } = await token(portolan, { environments: [envId] });
    const content = `{{range servers environment="${name}"}}{{.name}}{{end}}`;
    expect(refusal(await preview(id, { content }, { token: local }))).toEqual([400, 'content', 'unknown_reference']);
  });
});

describe('409', () => {
  test('the file is binary', async () => {
    const { id } = await createFile(portolan, envId, { isBinary: true, content: '' });
    const answer = await preview(id);
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'binary' }]);
  });
});

describe('413', () => {
  test('the content is larger than the setting', async () => {
    const { id } = await createFile(portolan, envId);
    await limitUploads(portolan, 1);
    expect(refusal(await preview(id, { content: 'x'.repeat(1024 * 1024 + 1) }))).toEqual([413, 'content', undefined]);
    await limitUploads(portolan, 50);
  });
});
