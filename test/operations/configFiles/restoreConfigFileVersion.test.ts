import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { createFile, createFragment, updateFile } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const history = async (id: string) => (await portolan.call('listConfigFileHistory', { path: { id } })).body.history;
const restore = (id: string, historyId: string, more: object = {}) =>
  portolan.call('restoreConfigFileVersion', { path: { id, historyId }, ...more });

describe('200', () => {
  test('the content is back with its keys, and the history has grown', async () => {
    const first = await createFile(portolan, envId, { content: 'first ${FIRST}' });
    const { id } = first;
    await updateFile(portolan, id, { content: 'second', filename: 'renamed.json' });
    const [version] = await history(id);
    const answer = await restore(id, version.id);
    expect(answer.body.configFile).toMatchObject({
      content: 'first ${FIRST}',
      checksum: first.checksum,
      fileSize: first.fileSize,
      missingKeys: ['FIRST'],
      filename: 'renamed.json',
      language: 'json',
    });
    expect(answer.headers.etag).toMatch(/^"3\./);
    expect((await history(id)).map((one: any) => one.content)).toEqual(['second', 'first ${FIRST}']);
    const [row] = await portolan.sql(`select * from audit_logs where resource_id = $1 and action = 'restore'`, [id]);
    expect(row.details).toMatchObject({ changed: ['content'], after: { checksum: first.checksum } });
  });

  test('bytes come back, and with them that the file is binary', async () => {
    const bytes = Buffer.from([0, 1, 255]);
    const { id, checksum } = await createFile(portolan, envId, { isBinary: true, content: bytes.toString('base64') });
    await updateFile(portolan, id, { isBinary: false, content: 'text' });
    const [version] = await history(id);
    expect((await restore(id, version.id)).body.configFile).toMatchObject({ isBinary: true, content: '', checksum, fileSize: 3 });
    const [back] = (await history(id)).filter((one: any) => !one.isBinary);
    expect((await restore(id, back.id)).body.configFile).toMatchObject({ isBinary: false, content: 'text' });
  });

  test('a version that is the present content changes nothing', async () => {
    const { id } = await createFile(portolan, envId, { content: 'a' });
    await updateFile(portolan, id, { content: 'b' });
    const [version] = await history(id);
    await updateFile(portolan, id, { content: 'a' });
    expect((await restore(id, version.id)).headers.etag).toMatch(/^"3\./);
    expect(await history(id)).toHaveLength(2);
  });
});

describe('404', () => {
  test('a version of another file, or of none', async () => {
    const [file, other] = [await createFile(portolan, envId), await createFile(portolan, envId)];
    await updateFile(portolan, other.id, { content: 'b' });
    const [version] = await history(other.id);
    expect((await restore(file.id, version.id)).status).toBe(404);
    expect((await restore(file.id, 'x')).status).toBe(404);
    expect((await portolan.call('getConfigFile', { path: { id: file.id } })).headers.etag).toMatch(/^"1\./);
  });
});

describe('409', () => {
  test('a binary version, while the file is made of fragments', async () => {
    const part = await createFragment(portolan, envId);
    const { id } = await createFile(portolan, envId, { isBinary: true, content: '' });
    await updateFile(portolan, id, { isBinary: false, content: 'x', fragmentIds: [part.id] });
    const [version] = await history(id);
    const answer = await restore(id, version.id);
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'has_fragments' }]);
  });

  test('a server loop in it names an environment out of reach', async () => {
    const name = unique('secret');
    await environment(portolan, name);
    const { id } = await createFile(portolan, envId, { content: `{{range servers environment="${name}"}}{{end}}` });
    await updateFile(portolan, id, { content: 'plain' });
    const [version] = await history(id);
    const { token: local } = await token(portolan, { environments: [envId] });
    const answer = await restore(id, version.id, { token: local });
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'environment_out_of_reach' }]);
    expect((await restore(id, version.id)).status).toBe(200);
  });
});
