import { createHash } from 'node:crypto';
import { environment, token, unique } from '../../support/fixtures';
import { boundary, multipart, part } from '../../support/multipart';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';
import { refusal } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const upload = (body: unknown, more: object = {}) => portolan.call('uploadConfigAsset', { path: { envId }, body, ...more });
const file = (bytes: string | Buffer, members: object = {}) => ({ bytes: Buffer.from(bytes), ...members });
/** Sends bytes as they are. */
const raw = (body: Buffer | string, type = `multipart/form-data; boundary=${boundary}`, headers: object = {}) =>
  upload(Buffer.from(body), { headers: { 'content-type': type, ...headers } });
const head = (name: string, filename?: string) =>
  `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`;
const end = Buffer.from(`--${boundary}--\r\n`);

describe('201', () => {
  test('bytes of every value, under the media type and the name that the part has', async () => {
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
      Buffer.from(`\r\n--${boundary.slice(0, -1)}\r\n--`),
    ]);
    const answer = await upload({
      file: { bytes, filename: 'logo.png', type: 'image/png' },
      name: 'logo',
      description: 'ünï 🚢',
    });
    expect(answer.status).toBe(201);
    const { configFile } = answer.body;
    expect(configFile).toMatchObject({
      name: 'logo',
      filename: 'logo.png',
      description: 'ünï 🚢',
      isBinary: true,
      content: '',
      mimeType: 'image/png',
      fileSize: bytes.length,
      checksum: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(answer.headers.location).toBe(`/api/config-files/${configFile.id}`);
    const [stored] = await portolan.sql<{ bytes: Buffer }>('select bytes from config_files where id = $1', [configFile.id]);
    expect(stored?.bytes.equals(bytes)).toBe(true);
    expect((await portolan.call('getConfigFile', { path: { id: configFile.id } })).body.configFile).toEqual(configFile);
  });

  test('an empty file', async () => {
    const answer = await upload({ file: file(''), name: unique('empty') });
    expect(answer.body.configFile).toMatchObject({ fileSize: 0, isBinary: true });
  });

  test('a filename that is sent wins, folders of the part’s own are left out, and the name stands in for none', async () => {
    const named = async (members: object, filename: string) =>
      (await upload({ file: file('x', { filename }), name: unique('name'), ...members })).body.configFile.filename;
    expect(await named({ filename: 'given.bin' }, 'own.bin')).toBe('given.bin');
    expect(await named({}, 'C:\\\\folder\\\\own.bin')).toBe('own.bin');
    expect(await named({ name: 'just-a-name' }, '')).toBe('just-a-name');
  });

  test('a media type that could not stand in a header is none', async () => {
    const answer = await upload({ file: file('x', { type: 'text/html; charset="a b"' }), name: unique('type') });
    expect(answer.status).toBe(201);
    expect([null, 'text/html']).toContain(answer.body.configFile.mimeType);
  });

  test('a retry under the same key is the same upload, whatever its boundary; other bytes are not', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const name = unique('once');
    const send = (bytes: string, between: string) => {
      const sent = multipart({ name, file: file(bytes) }, ['file'], between);
      return upload(sent.body, { headers: { ...sent.headers, ...headers } });
    };
    const [first, again] = [await send('bytes', 'one'), await send('bytes', 'two')];
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([201, 201, 'true']);
    expect(again.body).toEqual(first.body);
    expect([(await send('other', 'one')).status, (await send('other', 'one')).body.code]).toEqual([
      409,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
  });
});

describe('400', () => {
  test('no file, no name, or neither', async () => {
    expect(refusal(await upload({ name: 'x' }))).toEqual([400, 'file', 'required']);
    expect(refusal(await upload({ file: file('x') }))).toEqual([400, 'name', 'required']);
    const answer = await raw(end);
    expect(answer.body.details.map(({ field }: { field: string }) => field).sort()).toEqual(['file', 'name']);
  });

  test('a part that it does not know', async () => {
    expect(refusal(await upload({ file: file('x'), name: 'x', descripton: 'y' }))).toEqual([400, 'descripton', 'unknown_member']);
    const answer = await upload({ file: file('x'), name: 'x', second: file('y') });
    expect(refusal(answer)).toEqual([400, 'second', 'unknown_member']);
    expect(refusal(await upload({ file: file('x'), name: 'x', constructor: 'y' }))).toEqual([
      400,
      'constructor',
      'unknown_member',
    ]);
  });

  test.each([
    ['a part twice', [part(head('file', 'a'), 'x'), part(head('name'), 'a'), part(head('name'), 'b')], 'name', 'unparsable'],
    ['two files', [part(head('file', 'a'), 'x'), part(head('file', 'b'), 'y'), part(head('name'), 'a')], 'file', 'unparsable'],
    ['text where the file belongs', [part(head('file'), 'x'), part(head('name'), 'a')], 'file', 'type'],
    ['a file where text belongs', [part(head('file', 'a'), 'x'), part(head('name', 'n'), 'a')], 'name', 'type'],
    ['text that is no UTF-8', [part(head('file', 'a'), 'x'), part(head('name'), Buffer.from([0xff, 0xfe]))], 'name', 'format'],
    ['text with U+0000', [part(head('file', 'a'), 'x'), part(head('name'), 'a\0b')], 'name', 'format'],
    ['text of 64 KiB and one byte', [part(head('file', 'a'), 'x'), part(head('name'), 'x'.repeat(65_537))], 'name', 'maxLength'],
    [
      'a file in base64',
      [part(`${head('file', 'a')}\r\nContent-Transfer-Encoding: base64`, 'eA=='), part(head('name'), 'a')],
      'file',
      'format',
    ],
    [
      'a part named __proto__',
      [part(head('file', 'a'), 'x'), part(head('name'), 'a'), part(head('__proto__'), 'a')],
      '__proto__',
      'unknown_member',
    ],
    [
      'a part without a name',
      [part(head('file', 'a'), 'x'), part(head('name'), 'a'), part('Content-Disposition: form-data', 'a')],
      '',
      'required',
    ],
  ])('%s', async (_, parts, field, code) => {
    const answer = await raw(Buffer.concat([...parts, end]));
    expect(answer.status).toBe(400);
    expect(answer.body.details).toContainEqual(expect.objectContaining({ field, code }));
    expect(answer.body.details).toHaveLength(1);
  });

  test.each([
    ['without its end', Buffer.concat([part(head('file', 'a'), 'x')])],
    ['cut in the middle of a part', Buffer.from(`--${boundary}\r\n${head('file', 'a')}\r\n\r\nabc`)],
    ['cut in the middle of a head', Buffer.from(`--${boundary}\r\nContent-Disp`)],
    ['of another boundary', Buffer.concat([part(head('file', 'a'), 'x', 'other'), Buffer.from('--other--\r\n')])],
    [
      'whose boundary begins a line of the file',
      Buffer.concat([part(head('file', 'a'), `x\r\n--${boundary}y\r\nz`), part(head('name'), 'a'), end]),
    ],
    [
      'with a part that says nothing of itself',
      Buffer.concat([part(head('file', 'a'), 'x'), part(head('name'), 'a'), part('X: y', 'z'), end]),
    ],
    ['that is JSON', Buffer.from('{"name":"x"}')],
    ['of twenty-one parts', Buffer.concat([...Array.from({ length: 21 }, (_, i) => part(head(`p${i}`), 'x')), end])],
  ])('a body %s', async (_, body) => {
    const answer = await raw(body);
    expect(refusal(answer)).toEqual([400, '', 'unparsable']);
    expect(answer.body.hint).toBe('Let a client library write the body, and its boundary.');
  });

  test('no boundary, or an empty one', async () => {
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=']) {
      expect(refusal(await raw(end, type)).slice(0, 2)).toEqual([400, '']);
    }
  });

  test('a filename that leads elsewhere', async () => {
    expect(refusal(await upload({ file: file('x'), name: 'a', filename: '../a' }))).toEqual([400, 'filename', 'pattern']);
    expect(refusal(await upload({ file: file('x', { filename: 'a..b' }), name: 'a' }))).toEqual([400, 'filename', 'pattern']);
    expect(refusal(await upload({ file: file('x', { filename: '' }), name: 'a/b' }))).toEqual([400, 'filename', 'pattern']);
  });

  test('a name or a description that is too long', async () => {
    expect(refusal(await upload({ file: file('x'), name: 'x'.repeat(256) }))).toEqual([400, 'name', 'maxLength']);
    expect(refusal(await upload({ file: file('x'), name: 'a', description: 'x'.repeat(1001) }))).toEqual([
      400,
      'description',
      'maxLength',
    ]);
  });
});

describe('404', () => {
  test('an environment out of reach, also with a bad body', async () => {
    const { token: local } = await token(portolan, { environments: [await environment(portolan)] });
    expect((await upload({ file: file('x'), name: 'a' }, { token: local })).status).toBe(404);
    expect((await upload({ name: '' }, { token: local })).status).toBe(404);
  });
});

describe('409', () => {
  test('the name is taken', async () => {
    const name = unique('taken');
    await upload({ file: file('x'), name });
    expect(refusal(await upload({ file: file('x'), name }))).toEqual([409, 'name', undefined]);
  });
});

describe('413', () => {
  test('a file of exactly the limit, and of one byte more', async () => {
    await limitUploads(portolan, 2);
    const limit = 2 * 1024 * 1024;
    const answer = await upload({ name: unique('exact'), file: file(Buffer.alloc(limit, 1)) });
    expect([answer.status, answer.body.configFile.fileSize]).toEqual([201, limit]);
    const refused = await upload({ name: unique('more'), file: file(Buffer.alloc(limit + 1, 1)) });
    expect([refused.status, refused.body.field, refused.headers.connection]).toEqual([413, '', 'close']);
    const far = await upload({ name: unique('far'), file: file(Buffer.alloc(3 * limit, 1)) });
    expect([far.status, far.headers.connection]).toEqual([413, 'close']);
    await limitUploads(portolan, 50);
  });
});

describe('415', () => {
  test('anything but multipart/form-data', async () => {
    for (const type of [
      'application/json',
      'multipart/mixed; boundary=x',
      'application/octet-stream',
      '',
      'multipart/form-datax; boundary=x',
    ]) {
      const answer = await raw('{}', type);
      expect([type, ...refusal(answer).slice(0, 2)]).toEqual([type, 415, 'Content-Type']);
      expect(answer.body.hint).toContain('multipart/form-data');
    }
  });
});
