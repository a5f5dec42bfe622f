import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { encodeCursor } from '../../src/domain/lists/cursor';
import { unseal } from '../../src/store/sealing';
import { environment, token, unique } from '../support/fixtures';
import { hostileTexts } from '../support/hostile';
import { type Portolan, startPortolan } from '../support/portolan';
import { type RawAnswer, type RawRequest, sendRaw } from '../support/rawHttp';

/** What no client library sends, byte by byte. Connections that misbehave are in badConnections.test.ts. */

let portolan: Portolan;
let envId: string;
let registryId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  const body = { name: 'first', type: 'generic', registryUrl: 'ghcr.io' };
  registryId = (await portolan.call('createRegistry', { path: { envId }, body })).body.registry.id;
});
afterAll(() => portolan.close());

const bearer = () => `Authorization: Bearer ${portolan.adminToken}`;
const send = (request: RawRequest) => sendRaw(portolan.url, { ...request, headers: [bearer(), ...(request.headers ?? [])] });
const patch = (body: string | Buffer, headers: string[] = []) =>
  send({ method: 'PATCH', path: `/api/registries/${registryId}`, body, headers });
const list = (query: string) => send({ path: `/api/environments/${envId}/registries?${query}` });
const outcome = ({ status, body }: RawAnswer) => [status, body?.code, body?.field];
const issueCodes = ({ body }: RawAnswer) => body.details.map((issue: { code: string }) => issue.code);

describe('JSON', () => {
  test.each([
    ['a doubled member', '{"username":"a","username":"b"}', 'username', 'unparsable'],
    ['a doubled member in another spelling', '{"username":"a","user\\u006eame":"b"}', 'username', 'unparsable'],
    ['a doubled member inside', '{"x":[{},{"a":{"b":1,"b":2}}]}', 'x[1].a.b', 'unparsable'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}', '__proto__', 'unknown_member'],
    ['__proto__ in another spelling', '{"\\u005f_proto__":1}', '__proto__', 'unknown_member'],
    ['__proto__ inside', '{"x":{"__proto__":[]}}', 'x.__proto__', 'unknown_member'],
    ['constructor', '{"constructor":{"prototype":{}}}', 'constructor', 'unknown_member'],
    ['U+0000', '{"username":"a\\u0000b"}', 'username', 'format'],
    ['a lone high surrogate', '{"username":"\\ud83d"}', 'username', 'format'],
    ['a lone low surrogate', '{"username":"x\\ude00y"}', 'username', 'format'],
    ['surrogates in the wrong order', '{"username":"\\ude00\\ud83d"}', 'username', 'format'],
    ['a lone surrogate in a name', '{"\\ud83d":1}', '["\\ud83d"]', 'format'],
    ['1e400', '{"refreshIntervalMinutes":1e400}', 'refreshIntervalMinutes', 'type'],
    ['-1e400', '{"refreshIntervalMinutes":-1e400}', 'refreshIntervalMinutes', 'type'],
    ['a number of 400 digits', `{"refreshIntervalMinutes":${'9'.repeat(400)}}`, 'refreshIntervalMinutes', 'type'],
    ['a number of 300 digits', `{"refreshIntervalMinutes":${'9'.repeat(300)}}`, 'refreshIntervalMinutes', 'maximum'],
    ['a number of a million digits', `{"refreshIntervalMinutes":${'9'.repeat(1_000_000)}}`, 'refreshIntervalMinutes', 'type'],
    ['a depth of 65', `{"x":${'['.repeat(64)}${']'.repeat(64)}}`, '', 'unparsable'],
    ['a depth of 10 000', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, '', 'unparsable'],
    ['a depth of 10 000 objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, '', 'unparsable'],
    ['a depth of 10 000 that never ends', '['.repeat(10_000), '', 'unparsable'],
    ['a depth of 500 000 that never ends', '['.repeat(500_000), '', 'unparsable'],
    ['two values', '{} {}', '', 'unparsable'],
    ['a comment', '{} // x', '', 'unparsable'],
    ['a trailing comma', '{"username":"a",}', '', 'unparsable'],
    ['single quotes', "{'username':'a'}", '', 'unparsable'],
    ['NaN', '{"refreshIntervalMinutes":NaN}', '', 'unparsable'],
    ['a raw line end in a text', '{"username":"a\nb"}', '', 'unparsable'],
    ['a byte order mark', '\ufeff{}', '', 'unparsable'],
    ['blanks alone', '  \n ', '', 'unparsable'],
    ['invalid UTF-8', Buffer.from('{"username":"\xff"}', 'latin1'), '', 'unparsable'],
    ['overlong UTF-8', Buffer.from('{"username":"\xc0\xaf"}', 'latin1'), '', 'unparsable'],
    ['a surrogate in UTF-8', Buffer.from('{"username":"\xed\xa0\x80"}', 'latin1'), '', 'unparsable'],
    ['UTF-16', Buffer.from('{"username":"a"}', 'utf16le'), '', 'unparsable'],
    ['a raw U+0000', Buffer.from('{"username":"a\0"}'), '', 'unparsable'],
  ])('%s is refused and named', async (_name, body, field, code) => {
    const answer = await patch(body);
    expect(outcome(answer)).toEqual([400, 'VALIDATION_ERROR', field]);
    expect(issueCodes(answer)).toContain(code);
  });

  test('a depth of 64, pairs of surrogates and members of several objects are fine', async () => {
    const deep = await patch(`{"x":${'['.repeat(63)}${']'.repeat(63)}}`);
    expect(issueCodes(deep)).toEqual(['unknown_member']);
    const answer = await patch('{"username":"\\ud83d\\ude00","autoLinkPattern":"a"}');
    expect([answer.status, answer.body.registry.username]).toEqual([200, '😀']);
  });

  test('nothing leaks into the prototype of objects', () => expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined());
});

describe('text that is stored', () => {
  test.each(
    hostileTexts
      .filter((text) => text !== '' && text.isWellFormed() && !text.includes('\0'))
      .map((text) => [text.slice(0, 40), text]),
  )('%j comes back byte for byte', async (_name, text) => {
    const answer = await portolan.call('updateRegistry', { path: { id: registryId }, body: { username: text } });
    expect([answer.status, answer.body.registry?.username]).toEqual([200, text]);
    const read = await portolan.call('getRegistry', { path: { id: registryId } });
    expect(read.body.registry.username).toBe(text);
  });
});

describe('the path', () => {
  const known = () => `/api/registries/${registryId}`;
  test.each([
    ['no uuid', () => '/api/registries/example'],
    ['a uuid in capitals', () => known().replace(registryId, registryId.toUpperCase())],
    ['urn:uuid:', () => known().replace(registryId, `urn:uuid:${registryId}`)],
    ['a uuid in braces', () => known().replace(registryId, `%7B${registryId}%7D`)],
    ['a uuid without hyphens', () => known().replaceAll('-', '')],
    ['U+0000', () => '/api/registries/%00'],
    ['a uuid and U+0000', () => `${known()}%00`],
    ['a blank behind', () => `${known()}%20`],
    ['%zz', () => '/api/registries/%zz'],
    ['a lone %', () => '/api/registries/%'],
    ['bytes that are no UTF-8', () => '/api/registries/%ff%fe'],
    ['an overlong slash', () => '/api/registries/%c0%af'],
    ['an encoded slash in the id', () => known().replace('-', '%2F')],
    ['an encoded slash before the id', () => `/api/registries%2F${registryId}`],
    ['encoded dots', () => `/api/registries/%2e%2e/registries/${registryId}`],
    ['plain dots', () => `/api/registries/../registries/${registryId}`],
    ['a dot', () => `/api/./registries/${registryId}`],
    ['a semicolon', () => `${known()};a=b`],
    ['a backslash', () => known().replaceAll('/', '\\').replace('\\', '/')],
    ['5000 characters', () => `/api/registries/${'a'.repeat(5000)}`],
    ['SQL', () => "/api/registries/1'%20or%20'1'='1"],
    ['a wildcard', () => '/api/registries/*'],
    ['a template', () => '/api/registries/{id}'],
    ['a colon', () => '/api/registries/:id'],
    ['capitals', () => `/API/registries/${registryId}`],
  ])('with %s is 404, for whoever may read and for whoever may write', async (_name, path) => {
    for (const request of [{ path: path() }, { method: 'PATCH', path: path(), body: '{}' }]) {
      const answer = await send(request);
      expect(outcome(answer)).toEqual([404, 'NOT_FOUND', undefined]);
      expect(answer.text.length).toBeLessThan(1000);
    }
  });

  test('an encoded letter is that letter', async () => {
    const encoded = registryId.replace('-', '%2d');
    expect((await send({ path: `/api/registries/${encoded}` })).status).toBe(200);
  });

  test('an absolute URL is its path', async () => {
    expect([200, 404]).toContain((await send({ path: `http://portolan.test/api/registries/${registryId}` })).status);
  });

  test.each(['*', 'x', '//', '///api', '/?', '/#'])('%s is answered without a fault', async (path) => {
    const answer = await send({ path });
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers['x-request-id']).toBeDefined();
  });
});

describe('the query', () => {
  test.each([
    ['limit=abc', 'limit', 'type'],
    ['limit=', 'limit', 'type'],
    ['limit', 'limit', 'type'],
    ['limit=0', 'limit', 'minimum'],
    ['limit=-1', 'limit', 'minimum'],
    ['limit=1001', 'limit', 'maximum'],
    ['limit=1.5', 'limit', 'type'],
    ['limit=1e2', 'limit', 'type'],
    ['limit=0x10', 'limit', 'type'],
    ['limit=+5', 'limit', 'type'],
    ['limit=%205', 'limit', 'type'],
    ['limit=99999999999999999999', 'limit', 'type'],
    ['limit=1&limit=2', 'limit', 'unparsable'],
    ['limit=1&%6cimit=2', 'limit', 'unparsable'],
    ['limit[]=1', 'limit[]', 'unknown_parameter'],
    ['limit=%zz', 'limit', 'unparsable'],
    ['%zz=1', '%zz', 'unparsable'],
    ['q=%00', 'q', 'unparsable'],
    ['q=a%00b', 'q', 'unparsable'],
    ['q=%ff', 'q', 'unparsable'],
    ['q=%ed%a0%80', 'q', 'unparsable'],
    ['q=%c0%af', 'q', 'unparsable'],
    ['name=a%00,b', 'name', 'unparsable'],
    ['isDefault=yes', 'isDefault', 'type'],
    ['isDefault=TRUE', 'isDefault', 'type'],
    ['isDefault=1', 'isDefault', 'type'],
    ['isDefault=', 'isDefault', 'type'],
    ['type=quay', 'type[0]', 'enum'],
    ['type=generic,quay', 'type[1]', 'enum'],
    ['type=', 'type[0]', 'enum'],
    ['offset=-1', 'offset', 'minimum'],
    ['offset=100001', 'offset', 'maximum'],
    ['sort=', 'sort', 'minLength'],
    ['sort=id', 'sort', 'enum'],
    ['sort=name,name', 'sort', 'enum'],
    ['sort=name,-name', 'sort', 'enum'],
    ['sort=--name', 'sort', 'enum'],
    ['sort=name;drop', 'sort', 'enum'],
    ['sort=constructor', 'sort', 'enum'],
    ['Limit=1', 'Limit', 'unknown_parameter'],
    ['__proto__=1', '__proto__', 'unknown_parameter'],
    ['constructor=1', 'constructor', 'unknown_parameter'],
    ['toString=1', 'toString', 'unknown_parameter'],
    ['=1', '', 'unknown_parameter'],
    ['a%3Db=1', 'a=b', 'unknown_parameter'],
  ])('%s is 400 and named', async (query, field, code) => {
    const answer = await list(query);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.details).toContainEqual(expect.objectContaining({ in: 'query', code, field }));
    if (query !== 'type=generic,quay') expect(answer.body.field).toBe(field);
  });

  test.each([
    ['q=%25', 0],
    ['q=_', 0],
    ['q=%5C', 0],
    ['q=FIRST', 1],
    ['q=', 1],
    ['q=fi%72st', 1],
    ['name=first', 1],
    ['name=first%2Csecond', 0],
    ['name=first,second', 1],
    ['name=', 0],
    ['&&limit=1&', 1],
    ['limit=1000', 1],
    ['limit=0100', 1],
    ['offset=100000', 0],
    ["q=';drop%20table%20registries;--", 0],
    [`q=${'x'.repeat(255)}`, 0],
  ])('%s is taken as it stands', async (query, found) => {
    const answer = await list(query);
    expect([answer.status, answer.body.registries?.length]).toEqual([200, found]);
  });
});

describe('cursors', () => {
  let signature: string;
  beforeAll(async () => {
    for (let i = 0; i < 3; i++) {
      await portolan.call('createRegistry', {
        path: { envId },
        body: { name: unique('page'), type: 'generic', registryUrl: 'ghcr.io' },
      });
    }
    const { nextCursor } = (await list('limit=1&sort=-isDefault,name,createdAt')).body;
    signature = JSON.parse(Buffer.from(nextCursor, 'base64url').toString())[0];
  });
  const forged = (...values: unknown[]) => encodeCursor(signature, values as string[]);
  const get = (cursor: string) => list(`limit=1&sort=-isDefault,name,createdAt&cursor=${cursor}`);
  const [at, id] = ['2026-03-01T08:00:00.120Z', '01920000-0000-7000-8000-000000000000'];

  test('one with suitable values is taken', async () => expect((await get(forged(false, 'a', at, id))).status).toBe(200));

  const wrong: [string, () => string][] = [
    ['a text where a flag belongs', () => forged('false', 'a', at, id)],
    ['null', () => forged(null, 'a', at, id)],
    ['a number where a text belongs', () => forged(false, 7, at, id)],
    ['an object', () => forged(false, { a: 1 }, at, id)],
    ['an array', () => forged(false, ['a'], at, id)],
    ['U+0000', () => forged(false, 'a\0', at, id)],
    ['a lone surrogate', () => forged(false, '\ud800', at, id)],
    ['no timestamp', () => forged(false, 'a', 'yesterday', id)],
    ['a day that is none', () => forged(false, 'a', '2026-02-30T08:00:00.120Z', id)],
    ['a month that is none', () => forged(false, 'a', '2026-19-01T08:00:00.120Z', id)],
    ['SQL for a timestamp', () => forged(false, 'a', "now()'; --", id)],
    ['a number for a timestamp', () => forged(false, 'a', 0, id)],
    ['no id', () => forged(false, 'a', at, 'x')],
    ['an id in capitals', () => forged(false, 'a', at, id.toUpperCase().replace('0', 'A'))],
    ['a number for an id', () => forged(false, 'a', at, 1)],
    ['too few values', () => forged(false, 'a', at)],
    ['too many values', () => forged(false, 'a', at, id, id)],
    ['no values', () => forged()],
    ['another signature', () => encodeCursor('00000000', [false, 'a', at, id])],
    ['an object as a whole', () => Buffer.from('{}').toString('base64url')],
    ['no JSON', () => Buffer.from('{').toString('base64url')],
    ['deep JSON', () => Buffer.from('['.repeat(2000)).toString('base64url')],
    ['nothing', () => ''],
    ['no base64url', () => 'a+b%2F%3D'],
    ['plain text', () => 'page2'],
    ['4001 characters', () => 'A'.repeat(4001)],
  ];
  test.each(wrong)('%s is 400', async (_name, cursor) => {
    const answer = await get(cursor());
    expect(outcome(answer)).toEqual([400, 'VALIDATION_ERROR', 'cursor']);
  });

  test('one of another list, another sort or other filters is 400', async () => {
    const { nextCursor } = (await list('limit=1')).body;
    const other = await environment(portolan);
    await portolan.call('createRegistry', { path: { envId: other }, body: { name: 'a', type: 'generic', registryUrl: 'x' } });
    for (const query of ['sort=name&', 'q=a&', 'isDefault=false&']) {
      expect(outcome(await list(`${query}cursor=${nextCursor}`))).toEqual([400, 'VALIDATION_ERROR', 'cursor']);
    }
    const elsewhere = await send({ path: `/api/environments/${other}/registries?cursor=${nextCursor}` });
    expect(outcome(elsewhere)).toEqual([400, 'VALIDATION_ERROR', 'cursor']);
    expect((await list(`limit=2&cursor=${nextCursor}`)).status).toBe(200);
    expect(outcome(await list(`offset=0&cursor=${nextCursor}`))).toEqual([400, 'VALIDATION_ERROR', 'offset']);
  });
});

describe('headers', () => {
  test.each(['X-Request-Id', 'Idempotency-Key', 'If-Match'])('a bare CR or LF in %s makes no header of its own', async (name) => {
    for (const [end, statuses] of [
      ['\n', [200, 400]],
      ['\r', [400]],
      ['\0', [400]],
    ] as const) {
      const answer = await patch('{}', [`${name}: a${end}X-Injected: yes`]);
      expect(statuses).toContain(answer.status);
      expect(answer.headers['x-injected']).toBeUndefined();
      expect(answer.headers['x-request-id']).not.toMatch(/[\r\n\0]/);
    }
  });

  test.each([
    ['Idempotency-Key: ', 'Idempotency-Key'],
    [`Idempotency-Key: ${'x'.repeat(300)}`, 'Idempotency-Key'],
    ['Idempotency-Key: s\xe4g', 'Idempotency-Key'],
    ['Idempotency-Key: a\tb', 'Idempotency-Key'],
    ['If-Match: 1.a', 'If-Match'],
    ['If-Match: "', 'If-Match'],
    ['If-Match: "a" "b"', 'If-Match'],
    ['If-Match: w/"a"', 'If-Match'],
    ['If-Match: ', 'If-Match'],
    ['If-Match: **', 'If-Match'],
  ])('%s is 400 and named', async (header, field) => {
    const answer = await patch('{}', [header]);
    expect(outcome(answer)).toEqual([400, 'VALIDATION_ERROR', field]);
    expect(answer.body.details[0]).toMatchObject({ in: 'header', field });
  });

  test('a header that stands twice is joined, and refused where one is meant', async () => {
    const twice = await patch('{}', ['Idempotency-Key: a', 'Idempotency-Key: b']);
    expect([200, 400]).toContain(twice.status);
    const tags = await patch('{}', ['If-Match: "0.a"', 'If-Match: "1.b", "2.c"']);
    expect([200, 412]).toContain(tags.status);
  });

  test.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], 400],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], 400],
    ['a negative length', ['Content-Length: -1'], 400],
    ['a length that is no number', ['Content-Length: 2x'], 400],
    ['an unknown transfer encoding', ['Transfer-Encoding: gzip'], 400],
    ['a header without a name', [': x'], 400],
    ['a header with a blank in its name', ['X Y: z'], 400],
    ['40 KiB of headers', [`X-Big: ${'x'.repeat(40_000)}`], 431],
    ['3000 headers', Array.from({ length: 3000 }, (_, i) => `X-${i}: 0123456789`), 431],
  ])('%s is refused with a body of the usual shape', async (_name, headers, status) => {
    const answer = await patch('{}', headers);
    expect([answer.status, answer.body.code]).toEqual([status, 'VALIDATION_ERROR']);
    expect(answer.headers['x-request-id']).toBe(answer.body.requestId);
    expect(answer.headers.connection).toBe('close');
  });

  test('what is no HTTP is refused', async () => {
    for (const bytes of [
      'GARBAGE\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /\x01 HTTP/1.1\r\n\r\n',
    ]) {
      const answer = await sendRaw(portolan.url, { method: bytes.replace(/\r\n\r\n$/, ''), path: '' }).catch(() => undefined);
      expect(answer?.status ?? 400).toBe(400);
    }
  });

  test('an unknown Content-Encoding is no JSON', async () => {
    expect((await patch(Buffer.from([0x1f, 0x8b, 8, 0]), ['Content-Encoding: gzip'])).status).toBe(400);
  });

  test('Expect: 100-continue is answered, another expectation is ignored', async () => {
    expect((await patch('{}', ['Expect: 100-continue'])).status).toBe(100);
    expect((await patch('{}', ['Expect: magic'])).status).toBe(200);
  });

  test('an upgrade that nobody offers is ignored', async () => {
    expect((await patch('{}', ['Connection: Upgrade', 'Upgrade: websocket'])).status).toBe(200);
  });

  test('HTTP/1.1 without a Host is refused', async () => {
    const answer = await sendRaw(portolan.url, { path: '/health', headers: ['Host:'] });
    expect([200, 400]).toContain(answer.status);
  });
});

describe('credentials', () => {
  const me = (authorization: string) =>
    sendRaw(portolan.url, { path: '/api/auth/me', headers: [`Authorization: ${authorization}`] });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const parts = () => portolan.adminToken.split('.') as [string, string, string];
  const claims = () => JSON.parse(Buffer.from(parts()[1], 'base64url').toString());
  const header = () => JSON.parse(Buffer.from(parts()[0], 'base64url').toString());
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (head: object, payload: object) => {
    const text = `${part(head)}.${part(payload)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };

  /** A token that the installation's own key signed. */
  async function ownToken(change: (claims: Record<string, unknown>) => object): Promise<string> {
    const [row] = await portolan.sql('select id, private_key_sealed from signing_keys order by created_at desc limit 1');
    const pem = unseal(
      portolan.context.keyring,
      { table: 'signing_keys', column: 'private_key', rowId: row.id },
      row.private_key_sealed,
    );
    const text = `${part({ ...header(), kid: row.id })}.${part(change(claims()))}`;
    const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey(pem), dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }

  test('Bearer in any letter case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR'])
      expect((await me(`${scheme} ${portolan.adminToken}`)).status).toBe(200);
  });

  test('a token that our key signed again is taken', async () => {
    expect((await me(`Bearer ${await ownToken((own) => own)}`)).status).toBe(200);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const refused: [string, () => string | Promise<string>][] = [
    ['nothing', () => ''],
    ['the scheme alone', () => 'Bearer'],
    ['another scheme', () => `Basic ${Buffer.from('admin:x').toString('base64')}`],
    ['another scheme with a good token', () => `Token ${portolan.adminToken}`],
    ['two tokens', () => `Bearer ${portolan.adminToken} ${portolan.adminToken}`],
    ['a token with something behind', () => `Bearer ${portolan.adminToken},x`],
    ['no scheme', () => portolan.adminToken],
    ['garbage', () => 'Bearer x'],
    ['binary', () => 'Bearer \xff\xfe'],
    ['10 kB', () => `Bearer ${'x'.repeat(10_000)}`],
    ['10 kB with dots', () => `Bearer ${'x.'.repeat(5000)}`],
    ['an unknown API token', () => `Bearer ptl_pat_${'a'.repeat(43)}`],
    ['a JWT without its last letter', () => `Bearer ${portolan.adminToken.slice(0, -1)}`],
    ['a JWT without its signature', () => `Bearer ${parts().slice(0, 2).join('.')}.`],
    ['alg none', () => `Bearer ${part({ ...header(), alg: 'none' })}.${parts()[1]}.`],
    ['alg none with the signature', () => `Bearer ${part({ ...header(), alg: 'none' })}.${parts()[1]}.${parts()[2]}`],
    ['another key under our id', () => `Bearer ${signed(header(), claims())}`],
    ['another key under no id', () => `Bearer ${signed({ alg: 'ES256' }, claims())}`],
    [
      'another key that it brings along',
      () => `Bearer ${signed({ alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) }, claims())}`,
    ],
    ['an id that is a path', () => `Bearer ${signed({ alg: 'ES256', kid: '../../etc/passwd' }, claims())}`],
    ['an id that is SQL', () => `Bearer ${signed({ alg: 'ES256', kid: "' or 1=1 --" }, claims())}`],
    [
      'HS256 with the public key',
      async () => {
        const [row] = await portolan.sql('select public_jwk from signing_keys limit 1');
        const text = `${part({ ...header(), alg: 'HS256' })}.${parts()[1]}`;
        return `Bearer ${text}.${createHmac('sha256', JSON.stringify(row.public_jwk)).update(text).digest('base64url')}`;
      },
    ],
    ['changed claims', () => `Bearer ${parts()[0]}.${part({ ...claims(), sid: uuidv7() })}.${parts()[2]}`],
    ['our key, another audience', async () => `Bearer ${await ownToken((own) => ({ ...own, aud: 'another' }))}`],
    ['our key, another issuer', async () => `Bearer ${await ownToken((own) => ({ ...own, iss: 'another' }))}`],
    ['our key, expired', async () => `Bearer ${await ownToken((own) => ({ ...own, exp: now() - 60 }))}`],
    ['our key, no such login', async () => `Bearer ${await ownToken((own) => ({ ...own, sid: uuidv7() }))}`],
    ['our key, a login that is no id', async () => `Bearer ${await ownToken((own) => ({ ...own, sid: "' or 1=1 --" }))}`],
    ['our key, no login', async () => `Bearer ${await ownToken((own) => ({ ...own, sid: undefined }))}`],
    ['our key, not valid yet', async () => `Bearer ${await ownToken((own) => ({ ...own, nbf: now() + 3600 }))}`],
    ['an expired API token', async () => `Bearer ${(await token(portolan, { expiresAt: '2020-01-01T00:00:00Z' })).token}`],
    [
      'a revoked API token',
      async () => {
        const one = await token(portolan);
        expect((await me(`Bearer ${one.token}`)).status).toBe(200);
        await portolan.sql('update api_tokens set revoked_at = now() where id = $1', [one.tokenId]);
        await arrived(async () => (await me(`Bearer ${one.token}`)).status === 401);
        return `Bearer ${one.token}`;
      },
    ],
    [
      'an API token of a disabled owner',
      async () => {
        const one = await token(portolan);
        await portolan.sql('update users set disabled = true where id = $1', [one.userId]);
        return `Bearer ${one.token}`;
      },
    ],
    ['a truncated API token', async () => `Bearer ${(await token(portolan)).token.slice(0, -1)}`],
    ['an API token in capitals', async () => `Bearer ${(await token(portolan)).token.toUpperCase()}`],
  ];
  test.each(refused)('%s is 401', async (_name, authorization) => {
    const answer = await me(await authorization());
    expect(outcome(answer)).toEqual([401, 'UNAUTHORIZED', undefined]);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  /** A change made by SQL reaches the remembered verdicts by notification. */
  async function arrived(there: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < 100 && !(await there()); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
