import { Writable } from 'node:stream';
import pino from 'pino';
import { openStream } from '../support/eventStream';
import { environment, unique } from '../support/fixtures';
import { behind } from '../support/gateways/behind';
import { plainRequest, rawRequest } from '../support/gateways/client';
import { describeWith, type StartedGateway } from '../support/gateways/programs';
import { type RunningGateway, startGateway } from '../support/gateways/running';
import { multipart } from '../support/multipart';
import { type Portolan, startPortolan } from '../support/portolan';
import { until } from '../support/registry/scene';
import { limitUploads } from '../support/uploadLimit';

/** What clients see of the service through a gateway. Those at 127.0.0.2 and above are no trusted proxies. */

const publicUrl = 'https://portolan.example.com';

for (const gateway of ['nginx', 'envoy'] as const satisfies readonly StartedGateway[]) {
  describeWith(gateway, `behind ${gateway}`, () => {
    let portolan: Portolan;
    let running: RunningGateway;
    /** The same service, through the gateway. */
    let through: Portolan;
    let envId: string;
    /** What the service logged. */
    const lines: { requestId?: string; address?: string }[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        for (const line of String(chunk).split('\n').filter(Boolean)) lines.push(JSON.parse(line));
        done();
      },
    });
    beforeAll(async () => {
      const variables = {
        TRUSTED_PROXIES: '127.0.0.1',
        PUBLIC_URL: publicUrl,
        RATE_LIMIT_ADDRESS: '100000',
        RATE_LIMIT_LOGIN_ADDRESS: '10',
      };
      portolan = await startPortolan(variables, { log: pino({ level: 'info' }, sink) });
      running = await startGateway(gateway, portolan.url, {
        'max-upload-mb': '1',
        'rate-limit-address': '100000',
        'rate-limit-principal': '100000',
      });
      through = behind(portolan, running.url);
      envId = await environment(portolan);
      await limitUploads(portolan, 1);
    });
    afterAll(async () => {
      await running.close();
      await portolan.close();
    });

    const bearer = () => ({ authorization: `Bearer ${portolan.adminToken}` });
    const registry = async () => {
      const body = { name: unique('registry'), type: 'generic', registryUrl: 'https://registry.example.com' };
      return (await through.call('createRegistry', { path: { envId }, body })).body.registry;
    };

    describe('request ids', () => {
      test('a good one is kept, returned, and in the log of the gateway', async () => {
        const requestId = unique('trace');
        const answer = await through.call('getCurrentPrincipal', { headers: { 'x-request-id': requestId } });
        expect(answer.headers['x-request-id']).toBe(requestId);
        expect(await running.logged(requestId)).toMatchObject({ operation: 'getCurrentPrincipal', status: 200 });
      });

      test.each([
        ['none', undefined],
        ['a bad one', 'a b<script>'],
      ])('%s is replaced by one that the log of the gateway has', async (_name, sent) => {
        const answer = await through.call('getCurrentPrincipal', { headers: sent ? { 'x-request-id': sent } : {} });
        const requestId = String(answer.headers['x-request-id']);
        expect(requestId).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
        if (!sent) expect(await running.logged(requestId)).toMatchObject({ operation: 'getCurrentPrincipal' });
      });

      test('errors of the service name theirs', async () => {
        const answer = await through.call('getRegistry', { path: { id: 'nothing' } });
        expect([answer.status, answer.body.requestId]).toEqual([404, answer.headers['x-request-id']]);
      });
    });

    describe('ETags', () => {
      test('are the same, also for a client that takes compressed answers', async () => {
        const path = { id: envId };
        const plain = await portolan.call('getEnvironment', { path });
        const answer = await through.call('getEnvironment', { path, headers: { 'accept-encoding': 'gzip, br' } });
        expect([answer.headers.etag, answer.headers['content-encoding']]).toEqual([plain.headers.etag, undefined]);
        const etag = String(answer.headers.etag);
        const again = await through.call('getEnvironment', { path, headers: { 'if-none-match': etag } });
        expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
      });

      test('guard writes', async () => {
        const path = { id: await environment(portolan) };
        const etag = String((await through.call('getEnvironment', { path })).headers.etag);
        const change = (displayName: string) =>
          through.call('updateEnvironment', { path, body: { displayName }, headers: { 'if-match': etag } });
        expect((await change('One')).status).toBe(200);
        expect((await change('Two')).status).toBe(412);
      });
    });

    describe('event streams', () => {
      test('tell each event while they are open, and go on where a client was', async () => {
        const stream = await openStream(through);
        expect(stream.headers['content-type']).toContain('text/event-stream');
        const first = await registry();
        await stream.find(({ data }) => data.resourceId === first.id);
        const lastEventId = stream.lastId();
        stream.close();
        const missed = await registry();
        const again = await openStream(through, { lastEventId });
        await again.find(({ data }) => data.resourceId === missed.id);
        expect(again.text()).not.toContain(first.id);
        again.close();
      });

      test('are opened by a ticket, which the log does not have', async () => {
        const { ticket } = (await through.call('createEventTicket')).body;
        const requestId = unique('ticket');
        const url = `${running.url}/api/events?follow=false&ticket=${ticket}`;
        const answer = await plainRequest(url, { method: 'HEAD', headers: { 'x-request-id': requestId } });
        expect([200, 400]).toContain(answer.status);
        expect(JSON.stringify(await running.logged(requestId))).not.toContain(ticket);
      });
    });

    describe('the address of a client', () => {
      const login = (localAddress: string, headers: Record<string, string> = {}) =>
        plainRequest(`${running.url}/api/auth/login`, {
          method: 'POST',
          localAddress,
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ email: `${unique('nobody')}@example.com`, password: 'wrong password' }),
        });

      test('is that of the connection in both logs, whatever the client says', async () => {
        const spoofed = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' };
        expect((await login('127.0.0.2', { ...spoofed, 'x-request-id': 'spoofed' })).status).toBe(401);
        await until(() => lines.find(({ requestId }) => requestId === 'spoofed'), Boolean);
        expect(lines.find(({ requestId }) => requestId === 'spoofed')).toMatchObject({ address: '127.0.0.2' });
        expect(await running.logged('spoofed')).toMatchObject({ client: '127.0.0.2' });
      });

      test('has a bucket of its own for failed logins', async () => {
        for (let i = 0; i < 10; i++) await login('127.0.0.3', { 'x-forwarded-for': `203.0.113.${i}` });
        expect((await login('127.0.0.3', { 'x-forwarded-for': '203.0.113.99' })).status).toBe(429);
        expect((await login('127.0.0.4')).status).toBe(401);
      });
    });

    describe('an Idempotency-Key', () => {
      test('makes two requests one change', async () => {
        const call = { body: { name: unique('env') }, headers: { 'idempotency-key': unique('key') } };
        const first = await through.call('createEnvironment', call);
        const again = await through.call('createEnvironment', call);
        expect([first.status, first.headers['idempotent-replayed']]).toEqual([201, undefined]);
        expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([201, 'true', first.body]);
      });
    });

    describe('bodies', () => {
      const mebibyte = 1024 * 1024;
      const json = (bytes: number) => Buffer.from(JSON.stringify({ name: 'x'.repeat(bytes - 11) }));
      const post = (path: string, body: Buffer, headers: Record<string, string> = {}) =>
        plainRequest(running.url + path, {
          method: 'POST',
          headers: { ...bearer(), 'content-type': 'application/json', ...headers },
          body,
        });

      test('of 1 MiB reach the service', async () => {
        const answer = await post('/api/environments', json(mebibyte));
        expect([answer.status, JSON.parse(answer.text).field]).toEqual([400, 'name']);
      });

      test.each([
        ['/api/environments', 413],
        ['/v3/apps', 400],
        ['/api/nothing', 413],
      ])('of a byte more are refused at %s before the service sees them', async (path, status) => {
        const requestId = unique('large');
        const answer = await post(path, json(mebibyte + 1), { 'x-request-id': requestId });
        expect(answer.status).toBe(status);
        expect(answer.headers).toMatchObject({
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          'x-request-id': requestId,
        });
        const body = JSON.parse(answer.text);
        if (path.startsWith('/v3')) expect(body.errors).toEqual([expect.objectContaining({ code: 1001 })]);
        else
          expect(body).toMatchObject({
            code: 'VALIDATION_ERROR',
            field: '',
            message: expect.stringContaining('larger'),
            requestId,
          });
        expect((await running.logged(requestId)).upstream || null).toBeNull();
      });

      test('in chunks, without a length, are counted too', async () => {
        const answer = await post('/api/environments', json(mebibyte + 1), { 'transfer-encoding': 'chunked' });
        expect([answer.status, JSON.parse(answer.text).code]).toEqual([413, 'VALIDATION_ERROR']);
      });

      const upload = (bytes: number) => {
        const file = { filename: 'big.bin', bytes: Buffer.alloc(bytes, 7) };
        const { body, headers } = multipart({ file, name: unique('asset') });
        return post(`/api/environments/${envId}/asset-files/upload`, body, headers);
      };

      test('with a file are taken up to the limit of the service', async () => {
        const answer = await upload(mebibyte);
        expect([answer.status, JSON.parse(answer.text).configFile?.fileSize]).toEqual([201, mebibyte]);
        expect((await upload(mebibyte + 1)).status).toBe(413);
      });

      test('with a file beyond all limits are refused by the gateway', async () => {
        const answer = await upload(2 * mebibyte + 1);
        expect([answer.status, JSON.parse(answer.text).code]).toEqual([413, 'VALIDATION_ERROR']);
      });
    });

    describe('a slow upload', () => {
      test('is gathered, and does not meet the time that the service gives a request', async () => {
        const impatient = await startPortolan({ HEADERS_TIMEOUT_MS: '3000', REQUEST_TIMEOUT_MS: '3000' });
        const front = await startGateway(gateway, impatient.url);
        const home = await environment(impatient);
        const { body, headers } = multipart({ file: { filename: 'slow.bin', bytes: Buffer.alloc(64 * 1024, 7) }, name: 'slow' });
        const url = `/api/environments/${home}/asset-files/upload`;
        const wish = {
          method: 'POST',
          headers: { ...headers, authorization: `Bearer ${impatient.adminToken}` },
          body,
          forMs: 5500,
        };
        const direct = await plainRequest(impatient.url + url, wish).catch(() => ({ status: 0 }));
        expect([0, 408]).toContain(direct.status);
        expect((await plainRequest(front.url + url, wish)).status).toBe(201);
        await front.close();
        await impatient.close();
      }, 60_000);
    });

    describe('requests at the edge of what is usual', () => {
      test.each(['//api/auth/me', '/api//auth/me/', '/api/auth/me/'])('%s is the same path', async (path) => {
        expect((await through.send('GET', path)).body).toEqual((await portolan.call('getCurrentPrincipal')).body);
      });

      test('an id with an encoded slash stays one part of the path', async () => {
        const { id } = await registry();
        const answer = await through.send('GET', `/api/registries/${id}/repositories/acme%2Fshop/tags`);
        expect(answer.status).toBeGreaterThanOrEqual(502);
        expect(answer.body).toMatchObject({
          code: 'SERVICE_UNAVAILABLE',
          details: { upstream: { host: 'registry.example.com' } },
        });
        expect((await through.send('GET', '/api/environments/a%2Fb')).status).toBe(404);
      });

      test('HEAD is answered as GET, without the body', async () => {
        const [got, head] = [await through.send('GET', '/api/environments'), await through.send('HEAD', '/api/environments')];
        expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', got.headers['content-length']]);
      });

      test('a method that a path does not know is told by the service', async () => {
        for (const method of ['DELETE', 'OPTIONS', 'PROPFIND']) {
          const answer = await through.send(method, '/api/environments');
          expect([method, answer.status, answer.headers.allow]).toEqual([method, 404, 'GET, POST, HEAD']);
        }
      });

      test('an unknown path is told by the service, in the manner of its surface', async () => {
        expect((await through.send('GET', '/api/nothing')).body).toMatchObject({ code: 'NOT_FOUND', hint: expect.any(String) });
        expect((await through.send('GET', '/v3/nothing')).body.errors).toEqual([expect.objectContaining({ code: 10000 })]);
      });

      test('a query of 16 KiB and a header of 16 KiB arrive', async () => {
        const query = 'x'.repeat(16 * 1024);
        const long = await through.send('GET', `/api/environments?q=${query}`);
        expect([200, 400]).toContain(long.status);
        expect(long.headers['ratelimit-limit']).toBeDefined();
        const large = await through.call('getCurrentPrincipal', { headers: { 'x-note': query } });
        expect(large.status).toBe(200);
      });

      test.each([
        ['a header', '/api/auth/me', { 'x-note': 'x'.repeat(40 * 1024) }],
        ['a query', `/api/environments?q=${'x'.repeat(40 * 1024)}`, {}],
      ])('%s of 40 KiB is too much', async (_name, path, headers) => {
        const answer = await plainRequest(running.url + path, { headers: { ...bearer(), ...headers } });
        expect([answer.status, JSON.parse(answer.text).code]).toEqual([431, 'VALIDATION_ERROR']);
        expect(JSON.parse(answer.text).requestId).toBe(answer.headers['x-request-id']);
      });

      test.each(['nonsense', 'GET /a%zz HTTP/1.1\r\nHost: x', 'GET /../x HTTP/1.1\r\nHost: x', 'TRACE / HTTP/1.1\r\nHost: x'])(
        '%j is refused in the shape of the contract',
        async (text) => {
          const answer = await rawRequest(running.url, `${text}\r\nConnection: close\r\n\r\n`);
          expect(answer).toMatch(/^HTTP\/1\.[01] 40[04] /);
          const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
          expect(body).toMatchObject({
            code: expect.any(String),
            message: expect.any(String),
            requestId: expect.stringMatching(/./),
          });
        },
      );

      test('health and readiness answer without a credential', async () => {
        expect((await through.call('getHealth')).body.status).toBe('ok');
        expect((await through.call('getReadiness')).body.status).toBe('ok');
      });
    });

    describe('absolute links', () => {
      test('name the address of PUBLIC_URL', async () => {
        const root = await through.call('getRoot');
        expect(root.body.links.self.href).toBe(`${publicUrl}/`);
        for (let i = 0; i < 2; i++) await environment(portolan);
        const spaces = await through.call('listSpaces', { query: { per_page: 1 } });
        expect(spaces.body.pagination.next.href).toMatch(new RegExp(`^${publicUrl}/v3/spaces\\?`));
      });

      test('a Location is the path that it was', async () => {
        const answer = await through.call('createEnvironment', { body: { name: unique('env') } });
        expect(answer.headers.location).toBe(`/api/environments/${answer.body.environment.id}`);
      });
    });
  });
}
