import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';
import { createFile, refusal } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const binary = (members: object = {}) => createFile(portolan, envId, { isBinary: true, content: 'AAAA', ...members });
const replace = (id: string, bytes: Buffer, type?: string, more: object = {}) =>
  portolan.call('replaceConfigAsset', {
    path: { id },
    body: { file: { bytes, filename: 'other.name', ...(type ? { type } : {}) } },
    ...more,
  });
const history = async (id: string) => (await portolan.call('listConfigFileHistory', { path: { id } })).body.history;

describe('200', () => {
  test('the bytes are new, the old ones are history, the rest stays', async () => {
    const before = await binary({ filename: 'logo.png', mimeType: 'image/png' });
    const answer = await replace(before.id, Buffer.from('new bytes'));
    expect(answer.body.configFile).toMatchObject({ fileSize: 9, mimeType: 'image/png', filename: 'logo.png', name: before.name });
    expect(answer.headers.etag).toMatch(/^"2\./);
    const [version] = await history(before.id);
    expect(version).toMatchObject({ isBinary: true, content: '', checksum: before.checksum, fileSize: 3 });
    await portolan.call('restoreConfigFileVersion', { path: { id: before.id, historyId: version.id } });
    const [row] = await portolan.sql<{ bytes: Buffer }>('select bytes from config_files where id = $1', [before.id]);
    expect(row?.bytes).toEqual(Buffer.from([0, 0, 0]));
  });

  test('a media type that is declared counts', async () => {
    const { id } = await binary({ mimeType: 'image/png' });
    expect((await replace(id, Buffer.from('x'), 'image/jpeg')).body.configFile.mimeType).toBe('image/jpeg');
  });

  test('the same bytes are no change', async () => {
    const { id } = await binary();
    expect((await replace(id, Buffer.from([0, 0, 0]))).headers.etag).toMatch(/^"1\./);
    expect(await history(id)).toEqual([]);
  });

  test('several at once: each former content is history', async () => {
    const { id } = await binary();
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => replace(id, Buffer.from(text))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await history(id)).toHaveLength(3);
  });
});

describe('400', () => {
  test('no file', async () => {
    const { id } = await binary();
    const answer = await portolan.call('replaceConfigAsset', { path: { id }, body: { name: 'x' } });
    expect(answer.body.details.map((one: any) => [one.field, one.code])).toEqual([
      ['name', 'unknown_member'],
      ['file', 'required'],
    ]);
  });
});

describe('409', () => {
  test('the file is text', async () => {
    const { id } = await createFile(portolan, envId);
    const answer = await replace(id, Buffer.from('x'));
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'not_binary' }]);
  });
});

describe('412', () => {
  test('somebody changed it since', async () => {
    const { id } = await binary();
    const answer = await replace(id, Buffer.from('x'), undefined, { headers: { 'if-match': '"7.0"' } });
    expect(answer.status).toBe(412);
  });
});

describe('413', () => {
  test('the file is larger than the setting', async () => {
    const { id } = await binary();
    await limitUploads(portolan, 1);
    expect(refusal(await replace(id, Buffer.alloc(1024 * 1024 + 1))).slice(0, 2)).toEqual([413, '']);
    expect((await replace(id, Buffer.alloc(1024 * 1024))).status).toBe(200);
    await limitUploads(portolan, 50);
  });
});

describe('415', () => {
  test('JSON', async () => {
    const { id } = await binary();
    const answer = await portolan.call('replaceConfigAsset', {
      path: { id },
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.body.field]).toEqual([415, 'Content-Type']);
  });
});
