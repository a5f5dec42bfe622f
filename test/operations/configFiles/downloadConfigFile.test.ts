import { request } from 'undici';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { createFile, updateFile } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const download = (id: string, headers: Record<string, string> = {}) =>
  portolan.call('downloadConfigFile', { path: { id }, headers });

/** The bytes, which a text would not show. */
async function bytesOf(id: string): Promise<Buffer> {
  const { body } = await request(`${portolan.url}/api/config-files/${id}/content`, {
    headers: { authorization: `Bearer ${portolan.adminToken}` },
  });
  return Buffer.from(await body.arrayBuffer());
}

describe('200', () => {
  test('a text as it was sent, nothing rendered', async () => {
    const content = 'a = ${KEY}\r\nünï 🚢';
    const { id } = await createFile(portolan, envId, { content });
    const answer = await download(id);
    expect([answer.status, answer.text]).toEqual([200, content]);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(content)),
      'content-disposition': `attachment; filename="app.conf"; filename*=UTF-8''app.conf`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'cache-control': 'private, no-cache',
    });
  });

  test('bytes of every value, under the media type of the file', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const content = bytes.toString('base64');
    const { id } = await createFile(portolan, envId, { isBinary: true, content, mimeType: 'image/png' });
    expect((await download(id)).headers['content-type']).toBe('image/png');
    expect(await bytesOf(id)).toEqual(bytes);
    const plain = await createFile(portolan, envId, { isBinary: true, content });
    expect((await download(plain.id)).headers['content-type']).toBe('application/octet-stream');
  });

  test.each([
    [
      'with "quotes" and \\.txt',
      `attachment; filename="with _quotes_ and _.txt"; filename*=UTF-8''with%20%22quotes%22%20and%20%5C.txt`,
    ],
    ['ünï;x=y.html', `attachment; filename="_n__x_y.html"; filename*=UTF-8''%C3%BCn%C3%AF%3Bx%3Dy.html`],
    ["it's (1)*.txt", `attachment; filename="it_s _1__.txt"; filename*=UTF-8''it%27s%20%281%29%2A.txt`],
  ])('the filename %j is safe in a header', async (filename, expected) => {
    const { id } = await createFile(portolan, envId, { filename, mimeType: 'text/html' });
    expect((await download(id)).headers['content-disposition']).toBe(expected);
  });

  test('an empty file', async () => {
    const { id } = await createFile(portolan, envId, { content: '' });
    const answer = await download(id);
    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([200, '', '0']);
  });
});

describe('304', () => {
  test('until it is changed', async () => {
    const { id } = await createFile(portolan, envId);
    const etag = String((await download(id)).headers.etag);
    expect((await download(id, { 'if-none-match': etag })).status).toBe(304);
    await updateFile(portolan, id, { content: 'other' });
    expect((await download(id, { 'if-none-match': etag })).status).toBe(200);
  });
});

describe('404', () => {
  test('a file out of reach', async () => {
    const { id } = await createFile(portolan, envId);
    const { token: local } = await token(portolan, { environments: [await environment(portolan)] });
    expect((await portolan.call('downloadConfigFile', { path: { id }, token: local })).status).toBe(404);
  });
});
