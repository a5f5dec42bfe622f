import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { environment, token, unique } from '../support/fixtures';
import { boundary, multipart } from '../support/multipart';
import { type Portolan, startPortolan } from '../support/portolan';
import { limitUploads } from '../support/uploadLimit';

/** What the edge does with big bodies, whatever they are for. */

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const filesNamed = (name: string) => portolan.sql('select id from config_files where name = $1', [name]);
const uploadPath = () => `/api/environments/${envId}/asset-files/upload`;

/** Waits until something is so. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to be');
}

/** Sends a head and a part of the body, and leaves. Resolves when the connection is closed. */
function abort(path: string, type: string, length: number | undefined, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(portolan.url).port), '127.0.0.1', () => {
      const size = length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${portolan.adminToken}\r\nContent-Type: ${type}\r\n${size}\r\n\r\n`,
      );
      if (length === undefined) socket.write(`${body.length.toString(16)}\r\n`);
      socket.write(body, () => socket.destroy());
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

describe('a client that leaves in the middle', () => {
  const name = unique('aborted');
  const whole = multipart({ name, file: { bytes: Buffer.alloc(4 * 1024 * 1024) } });
  const json = Buffer.from(JSON.stringify({ name, filename: 'x', content: 'x'.repeat(4 * 1024 * 1024) }));

  test('leaves nothing, and takes no room from others', async () => {
    // More than there is room for at a time, if any of them kept its share.
    for (let i = 0; i < 40; i++) {
      const body = whole.body.subarray(0, 100_000);
      await abort(uploadPath(), whole.headers['content-type'], i % 2 ? whole.body.length : undefined, body);
      await abort(`/api/environments/${envId}/config-files`, 'application/json', json.length, json.subarray(0, 100_000));
    }
    const after = unique('after');
    const answer = await portolan.call('uploadConfigAsset', {
      path: { envId },
      body: { name: after, file: { bytes: Buffer.alloc(40_000_000) } },
    });
    expect(answer.status).toBe(201);
    expect(await filesNamed(name)).toEqual([]);
    expect(await portolan.sql('select from audit_logs where resource_name = $1', [name])).toHaveLength(0);
  });
});

describe('before a body is read', () => {
  /** Promises 40 MB and sends none of it: the answer is one that needs no body. */
  const ask = (path: string, bearer: string, type = 'application/json'): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': type, 'content-length': 40_000_000 };
      const sent = httpRequest(portolan.url + path, { method: 'POST', headers, agent: false }, (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.flushHeaders();
    });

  test('credential, role and scope are judged, and its media type', async () => {
    const multipartType = `multipart/form-data; boundary=${boundary}`;
    const viewer = (await token(portolan, { role: 'viewer' })).token;
    const unscoped = (await token(portolan, { scopes: ['droplets:read'] })).token;
    for (const [path, type] of [
      [uploadPath(), multipartType],
      [`/api/environments/${envId}/config-files`, 'application/json'],
    ] as const) {
      expect(await ask(path, 'none', type)).toBe(401);
      expect(await ask(path, viewer, type)).toBe(403);
      expect(await ask(path, unscoped, type)).toBe(403);
      expect(await ask(path, portolan.adminToken, 'text/plain')).toBe(415);
    }
  });

  test('so is its size', async () => {
    await limitUploads(portolan, 20);
    expect(await ask(`/api/environments/${envId}/config-files`, portolan.adminToken)).toBe(413);
    expect(await ask(uploadPath(), portolan.adminToken, `multipart/form-data; boundary=${boundary}`)).toBe(413);
    await limitUploads(portolan, 50);
  });
});

describe('many at a time', () => {
  test('all of them arrive, some later', async () => {
    const name = unique('many');
    const bytes = Buffer.alloc(20_000_000, 3);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        portolan.call('uploadConfigAsset', { path: { envId }, body: { name: `${name}-${i}`, file: { bytes } } }),
      ),
    );
    // One that waits ten seconds for room is told to come again.
    expect(answers.every(({ status }) => status === 201 || status === 503)).toBe(true);
    const made = answers.filter(({ status }) => status === 201).length;
    expect(made).toBeGreaterThan(0);
    await until(
      async () => (await portolan.sql('select id from config_files where name like $1', [`${name}-%`])).length === made,
    );
  });
});
