import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { plainRequest } from '../support/gateways/client';
import { type Arrived, startEcho } from '../support/gateways/echo';
import { describeWith, type StartedGateway } from '../support/gateways/programs';
import { type RunningGateway, startGateway } from '../support/gateways/running';
import { CertificateAuthority } from '../support/registry/certificates';

/** What gateways refuse themselves, and what they do when the service does not answer. */

const credential = { authorization: 'Bearer ptl_pat_of_nobody' };

for (const gateway of ['nginx', 'envoy'] as const satisfies readonly StartedGateway[]) {
  describeWith(gateway, `${gateway} itself`, () => {
    const closing: { close(): Promise<unknown> }[] = [];
    afterEach(async () => {
      for (const one of closing.splice(0).reverse()) await one.close();
    });
    async function inFrontOf(upstream: string, options: Record<string, string> = {}): Promise<RunningGateway> {
      const running = await startGateway(gateway, upstream, options);
      closing.push(running);
      return running;
    }
    async function service(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
      const server = createServer(answer);
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      closing.push({
        close: () =>
          new Promise<void>((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }
    async function echo() {
      const started = await startEcho();
      closing.push(started);
      return started;
    }
    const nobody = 'http://127.0.0.1:9';

    describe('429', () => {
      const few = { 'rate-limit-address': '2', 'rate-limit-principal': '3' };

      /** How many of so many requests at once arrive. */
      async function burst(
        running: RunningGateway,
        path: string,
        headers: Record<string, string> = {},
        localAddress = '127.0.0.2',
      ) {
        const answers = [];
        for (let i = 0; i < 12; i++) answers.push(await plainRequest(running.url + path, { headers, localAddress }));
        return { taken: answers.filter(({ status }) => status === 200).length, last: answers[11] as (typeof answers)[number] };
      }

      test('comes in the shape of the contract, and says when to come again', async () => {
        const running = await inFrontOf((await echo()).url, few);
        const { taken, last } = await burst(running, '/api/docs', { 'x-request-id': 'the-id' });
        // Never less than Portolan takes in two of its minutes that lie side by side.
        expect(taken).toBeGreaterThanOrEqual(4);
        expect(taken).toBeLessThanOrEqual(6);
        expect(last.status).toBe(429);
        expect(last.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'the-id' });
        expect(Number(last.headers['retry-after'])).toBeGreaterThanOrEqual(1);
        expect(Number(last.headers['retry-after'])).toBeLessThanOrEqual(60);
        expect(JSON.parse(last.text)).toMatchObject({ code: 'RATE_LIMITED', message: expect.any(String), requestId: 'the-id' });
        expect((await plainRequest(`${running.url}/api/docs`, { localAddress: '127.0.0.3' })).status).toBe(200);
      });

      test('counts by credential, where there is one', async () => {
        const running = await inFrontOf((await echo()).url, few);
        const one = await burst(running, '/api/users', { authorization: 'Bearer one' });
        expect(one.taken).toBeGreaterThanOrEqual(6);
        expect(one.taken).toBeLessThanOrEqual(8);
        const other = await plainRequest(`${running.url}/api/users`, {
          headers: { authorization: 'Bearer other' },
          localAddress: '127.0.0.2',
        });
        expect(other.status).toBe(200);
      });

      test('counts a client of the token service by address: they all have the same Basic credential', async () => {
        const running = await inFrontOf((await echo()).url, few);
        const { taken, last } = await burst(running, '/uaa/token_keys', { authorization: 'Basic Y2Y6' });
        expect(taken).toBeLessThanOrEqual(6);
        expect(JSON.parse(last.text)).toMatchObject({ error: 'too_many_requests' });
      });

      test('under /v3 has the errors of that surface', async () => {
        const running = await inFrontOf((await echo()).url, few);
        const { last } = await burst(running, '/v3/apps', { authorization: 'Bearer one' });
        expect([last.status, JSON.parse(last.text).errors[0]]).toMatchObject([
          429,
          { code: 10013, title: 'CF-RateLimitExceeded' },
        ]);
      });

      test.each(['/health', '/ready', '/openapi.json', '/v3'])('never comes at %s, which the contract exempts', async (path) => {
        const running = await inFrontOf((await echo()).url, few);
        expect((await burst(running, path)).taken).toBe(12);
      });

      test('is off when that is asked for', async () => {
        const running = await inFrontOf((await echo()).url, { 'rate-limit-address': 'off', 'rate-limit-principal': 'off' });
        expect((await burst(running, '/api/docs')).taken).toBe(12);
      });
    });

    describe('503', () => {
      test.each([
        ['/api/users', { code: 'SERVICE_UNAVAILABLE' }],
        ['/v3/apps', { errors: [{ code: 10015, title: 'CF-ServiceUnavailable' }] }],
        ['/uaa/login', { error: 'temporarily_unavailable' }],
      ])('at %s while the service is away', async (path, body) => {
        const running = await inFrontOf(nobody);
        const answer = await plainRequest(running.url + path, { headers: { ...credential, 'x-request-id': 'away' } });
        expect([answer.status, answer.headers['retry-after'], answer.headers['x-request-id']]).toEqual([503, '5', 'away']);
        expect(answer.headers['cache-control']).toBe('no-store');
        expect(JSON.parse(answer.text)).toMatchObject(body);
      });

      test('errors of the service itself are not touched', async () => {
        const url = await service((_request, response) => {
          response.writeHead(502, { 'Content-Type': 'application/json', 'Retry-After': '7' }).end('{"code":"ITS OWN"}');
        });
        const running = await inFrontOf(url);
        const answer = await plainRequest(`${running.url}/api/users`, { headers: credential });
        expect([answer.status, answer.headers['retry-after'], answer.text]).toEqual([502, '7', '{"code":"ITS OWN"}']);
      });
    });

    describe('a connection that breaks', () => {
      /** A service that answers once on each connection, and then cuts it when the next request has come. */
      async function breaking() {
        const seen: string[] = [];
        const met = new Set<unknown>();
        const url = await service((request, response) => {
          request.resume().on('end', () => {
            seen.push(`${request.method} ${request.url}`);
            if (met.has(request.socket) || request.url?.includes('broken')) request.socket.destroy();
            else response.end('{}');
            met.add(request.socket);
          });
        });
        return { url, seen };
      }

      test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is never sent twice', async (method) => {
        const [one, other] = [await breaking(), await breaking()];
        const running = await inFrontOf(`${one.url},${other.url}`);
        // So that there are connections which were used before.
        for (let i = 0; i < 4; i++) await plainRequest(`${running.url}/api/users?warm=${i}`, { headers: credential });
        const path = { POST: '/api/users', PUT: '/api/environments/x/ssh', PATCH: '/api/users/x', DELETE: '/api/users/x' }[
          method
        ];
        for (let i = 0; i < 4; i++) {
          const answer = await plainRequest(`${running.url}${path}?broken=${i}`, { method, headers: credential, body: '{}' });
          expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
          const sent = [...one.seen, ...other.seen].filter((line) => line.endsWith(`broken=${i}`));
          expect(sent).toHaveLength(1);
        }
      });

      test('a read goes to the replica that answers', async () => {
        const { url } = await echo();
        const running = await inFrontOf(`${nobody},${url}`);
        for (let i = 0; i < 4; i++) {
          expect((await plainRequest(`${running.url}/api/users`, { headers: credential })).status).toBe(200);
        }
      });
    });

    describe('names of its own', () => {
      test.each(['/=read', '/%3Dwrite', '/=', '/=nowhere'])('%s is nowhere', async (path) => {
        const { url, arrived } = await echo();
        const running = await inFrontOf(url);
        const answer = await plainRequest(running.url + path, { headers: credential });
        if (gateway === 'nginx') expect([answer.status, JSON.parse(answer.text).code, arrived]).toEqual([404, 'NOT_FOUND', []]);
        else expect(JSON.parse(answer.text).url).toBe(path);
      });
    });

    describe('TLS', () => {
      test('ends at the gateway', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'portolan-tls-'));
        const authority = new CertificateAuthority();
        const { certificate, key } = authority.issue();
        writeFileSync(join(folder, 'certificate.pem'), certificate);
        writeFileSync(join(folder, 'key.pem'), key);
        const files = { 'tls-certificate': join(folder, 'certificate.pem'), 'tls-key': join(folder, 'key.pem') };
        const running = await inFrontOf((await echo()).url, files);
        const dispatcher = new Agent({ connect: { ca: authority.certificate }, allowH2: true });
        const { statusCode, body } = await request(`${running.url.replace('http:', 'https:')}/health`, { dispatcher });
        expect([statusCode, ((await body.json()) as Arrived).headers['x-forwarded-proto']]).toEqual([200, 'https']);
        await dispatcher.close();
        rmSync(folder, { recursive: true });
      });
    });

    if (gateway === 'nginx') {
      describe('proxies in front', () => {
        test('are believed when they are named, and nobody else', async () => {
          const { url, arrived } = await echo();
          const running = await inFrontOf(url, { 'trusted-proxies': '127.0.0.7' });
          const headers = { ...credential, 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
          for (const localAddress of ['127.0.0.7', '127.0.0.8'])
            await plainRequest(`${running.url}/api/users`, { headers, localAddress });
          expect(arrived.map((one) => one.headers['x-forwarded-for'])).toEqual(['203.0.113.9', '127.0.0.8']);
        });
      });
    }

    describe('pages of other origins', () => {
      const origin = 'https://app.example.com';
      const asking = { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'if-match' };

      test('are left to the service, when nothing is said of them', async () => {
        const running = await inFrontOf((await echo()).url);
        const answer = await plainRequest(`${running.url}/api/users`, { method: 'OPTIONS', headers: asking });
        expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, undefined]);
        expect(JSON.parse(answer.text).method).toBe('OPTIONS');
      });

      test('are told what they may send', async () => {
        const running = await inFrontOf((await echo()).url, { 'cors-origin': `${origin},https://other.example.com` });
        const answer = await plainRequest(`${running.url}/api/users`, { method: 'OPTIONS', headers: asking });
        expect([200, 204]).toContain(answer.status);
        expect(answer.headers['access-control-allow-origin']).toBe(origin);
        expect(String(answer.headers['access-control-allow-methods'])).toBe('GET,POST,PUT,PATCH,DELETE');
        expect(String(answer.headers['access-control-allow-headers'])).toContain('Idempotency-Key');
        const foreign = { ...asking, origin: 'https://evil.example.com' };
        const refused = await plainRequest(`${running.url}/api/users`, { method: 'OPTIONS', headers: foreign });
        expect(refused.headers['access-control-allow-origin']).toBeUndefined();
      });

      test('are told what they may read, once, of answers and of errors', async () => {
        const url = await service((_request, response) => {
          response.writeHead(200, { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'ETag' }).end('{}');
        });
        for (const [upstream, status] of [
          [url, 200],
          [nobody, 503],
        ] as const) {
          const running = await inFrontOf(upstream, { 'cors-origin': origin });
          const answer = await plainRequest(`${running.url}/api/users`, { headers: { ...credential, origin } });
          expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, origin]);
          expect(answer.headers['access-control-expose-headers']).toMatch(/^ETag,.*Idempotent-Replayed/);
        }
      });
    });
  });
}
