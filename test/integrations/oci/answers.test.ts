import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Behaviour, bytesOf, raw, reset, silence } from '../../support/fakeRegistry';
import { config, digest, digestOf, type Fault, manifest, manifestType, type Scene, testFaults } from './scene';

const tags = (list: unknown) => ({ status: 200, body: { name: 'acme/api', tags: list } });
const text = JSON.stringify({ tags: ['1.0', '1.1'] });
/** 50 MB. */
const bomb = gzipSync(Buffer.alloc(50_000_000));
const both = ['1.0', '1.1'];

/** Bytes that a server got rid of before the client closed. */
let written = 0;

/** A tag list of 100 MB, as fast as it is read. */
function flood(socket: Socket): void {
  written = 0;
  const chunk = `${'"1.0",'.repeat(10_000)}`;
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"tags":[');
  const more = () => {
    while (written < 100_000_000 && !socket.destroyed) {
      written += chunk.length;
      if (!socket.write(chunk)) return socket.once('drain', more);
    }
    socket.end('"1.0"]}');
  };
  more();
}

/** Writes a piece each time; never comes to the end. */
function drip(socket: Socket, first: string, piece: string): void {
  socket.write(first);
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(piece)), 20);
  socket.on('close', () => clearInterval(timer));
}

const requestsTo = (scene: Scene, path: string) => scene.home.requests.filter((request) => request.path === path).length;
const askedTags =
  (times: number) =>
  (scene: Scene): void =>
    expect(requestsTo(scene, '/v2/acme/api/tags/list')).toBeGreaterThanOrEqual(times);

describe('answers that are cut, slow or too long', () => {
  testFaults([
    {
      name: 'a body shorter than its Content-Length',
      home: () => raw(`HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n${text}`, true),
      reason: 'bad_response',
      says: /in the middle of its answer/,
      check: askedTags(3),
    },
    {
      name: 'a body longer than its Content-Length',
      home: () => raw(`HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n${text}`),
      reason: 'bad_response',
      says: /broken JSON/,
    },
    {
      name: 'a reset in the middle of the body',
      home: () => (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{', () => setTimeout(() => reset(socket), 20)),
      reason: 'bad_response',
      says: /in the middle of its answer/,
    },
    {
      name: 'a reset before the answer',
      home: () => reset,
      reason: 'connection_refused',
      says: /before it answered/,
      check: askedTags(3),
    },
    {
      name: 'an end before the answer',
      home: () => (socket) => socket.end(),
      reason: 'connection_refused',
      says: /before it answered/,
    },
    { name: 'no answer at all', home: () => silence, reason: 'timeout', says: /did not (begin to )?answer/, check: askedTags(1) },
    {
      name: 'headers that come one by one and never end',
      home: () => (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'),
      reason: 'timeout',
    },
    {
      name: 'a body that comes byte by byte and never ends',
      home: () => (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', ' '),
      reason: 'timeout',
      says: /did not end its answer/,
    },
    { name: '103 for ever', home: () => (socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\n\r\n'), reason: 'timeout' },
    {
      name: '103 and then the answer',
      home: () => (socket) => {
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
        socket.write(bytesOf(tags(both)));
      },
      value: both,
    },
    {
      name: '101 that nobody asked for',
      home: () => raw('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      reason: 'bad_response',
    },
    { name: 'HTTP/1.0 without a length', home: () => raw(`HTTP/1.0 200 OK\r\n\r\n${text}`, true), value: both },
    {
      name: 'chunks of no number',
      home: () => raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n'),
      reason: 'bad_response',
    },
    { name: 'another protocol', home: () => raw('SSH-2.0-OpenSSH_9.2\r\n'), reason: 'bad_response', says: /not HTTP/ },
    {
      name: 'a flood of headers',
      home: () => raw(`HTTP/1.1 200 OK\r\n${`x-flood: ${'a'.repeat(1000)}\r\n`.repeat(100)}content-length: 2\r\n\r\n{}`),
      reason: 'bad_response',
      says: /headers/,
    },
    {
      name: 'a list of 100 MB is read to its limit only',
      act: ({ clientWith, access }) => clientWith({ timeoutMs: 10_000 }).tags(access, 'acme/api'),
      home: () => flood,
      reason: 'bad_response',
      says: /more than 8388608 bytes/,
      check: () => expect(written).toBeLessThan(50_000_000),
    },
    {
      name: 'a list that announces 100 MB is not read at all',
      home: () => raw('HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n{"tags":['),
      reason: 'bad_response',
      says: /more than 8388608 bytes/,
    },
    {
      name: 'a packed body that nobody asked for',
      home: () => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb }),
      reason: 'bad_response',
      says: /packed its answer \(gzip\)/,
    },
  ]);
});

describe('answers that say something else', () => {
  testFaults([
    { name: 'broken JSON', home: () => ({ status: 200, body: '{"tags":["1.0",' }), reason: 'bad_response', says: /broken JSON/ },
    { name: 'an empty body', home: () => ({ status: 200, body: '' }), reason: 'bad_response', says: /answered nothing/ },
    {
      name: 'a login page with 200',
      home: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><form>' }),
      reason: 'bad_response',
      says: /web page/,
      hint: /login page/,
    },
    {
      name: 'a list instead of an object',
      home: () => ({ status: 200, body: ['1.0'] }),
      reason: 'bad_response',
      says: /without "tags"/,
    },
    { name: 'null instead of an object', home: () => ({ status: 200, body: null }), reason: 'bad_response' },
    { name: 'tags that are a text', home: () => tags('1.0'), reason: 'bad_response' },
    { name: 'tags that are null', home: () => tags(null), value: [] },
    { name: 'tags that stand twice', home: () => tags(['1.0', '1.1', '1.0']), value: both },
    {
      name: 'tags that are none',
      home: () => tags(['1.0', 7, null, {}, '', '../x', 'a b', 'x'.repeat(129), '1.1']),
      value: both,
    },
    {
      name: 'another content type',
      home: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: text }),
      value: both,
    },
    { name: '204', home: () => raw('HTTP/1.1 204 None\r\n\r\n'), reason: 'bad_response', says: /status 204/ },
    { name: '304 that nobody asked for', home: () => ({ status: 304 }), reason: 'bad_response', says: /status 304/ },
    {
      name: '404',
      home: () => ({ status: 404, body: { errors: [{ code: 'NAME_UNKNOWN' }] } }),
      reason: 'not_found',
      says: /NAME_UNKNOWN/,
    },
    { name: '403', home: () => ({ status: 403 }), reason: 'forbidden', says: /does not allow/, hint: /right to read/ },
    { name: '418', home: () => ({ status: 418, body: 'short and stout' }), reason: 'bad_response', says: /418/ },
    {
      name: 'an error that repeats the credentials, in colours and at length',
      home: (request) => ({
        status: 403,
        body: {
          errors: [
            { code: 'DENIED', message: `\u001b[31m${request.headers.authorization} pa55word-of-robot\n${'x'.repeat(5000)}` },
          ],
        },
      }),
      reason: 'forbidden',
      says: /^[^\p{Cc}]*\*\*\*[^\p{Cc}]*…"\.$/u,
    },
    {
      name: 'a TLS server behind http://',
      gate: () => ({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' }),
      reason: 'tls',
      hint: /http:\/\//,
    },
  ]);
});

const look = ({ client, access }: Scene, etag: string | null = null) => client.manifest(access, 'acme/api', '1.0', { etag });
const facts = ({ client, access }: Scene) => client.manifestFacts(access, 'acme/api', digest);
const seen = { digest, etag: `"${digest}"`, mediaType: manifestType };
const onHead =
  (behaviour: Behaviour): NonNullable<Fault['home']> =>
  (request) =>
    request.method === 'HEAD' ? behaviour : undefined;
const onBlob =
  (behaviour: Behaviour): NonNullable<Fault['home']> =>
  (request) =>
    request.path.includes('/blobs/') ? behaviour : undefined;
const other = JSON.stringify({ schemaVersion: 2, layers: [] });

describe('manifests', () => {
  testFaults([
    { name: 'as they should be', act: look, value: seen },
    {
      name: 'the known ETag still holds',
      act: (scene) => look(scene, seen.etag),
      home: (request) => (request.headers['if-none-match'] === seen.etag ? { status: 304 } : undefined),
      value: 'unchanged',
    },
    { name: '304 without an ETag', act: (scene) => look(scene), home: () => ({ status: 304 }), reason: 'bad_response' },
    { name: 'no such tag', act: ({ client, access }) => client.manifest(access, 'acme/api', 'none'), value: null },
    { name: 'a text that is no tag', act: ({ client, access }) => client.manifest(access, 'acme/api', '../../x?y'), value: null },
    {
      name: 'a text that is no repository',
      act: ({ client, access }) => client.manifest(access, '../api/users', '1.0'),
      reason: 'not_found',
      check: ({ home }) => expect(home.requests).toHaveLength(0),
    },
    { name: 'HEAD is not allowed', act: look, home: onHead({ status: 405 }), value: seen },
    { name: 'HEAD is not known', act: look, home: onHead({ status: 501 }), value: seen },
    {
      name: 'HEAD names no digest',
      act: look,
      home: onHead({ status: 200, headers: { 'content-type': manifestType } }),
      value: seen,
    },
    {
      name: 'HEAD names a broken digest',
      act: look,
      home: onHead({ status: 200, headers: { 'docker-content-digest': 'sha256:../../x' } }),
      value: seen,
    },
    {
      name: 'neither HEAD nor GET names a digest',
      act: look,
      home: () => ({ status: 200, headers: { 'content-type': manifestType }, body: manifest }),
      value: { ...seen, etag: null },
    },
    {
      name: 'HEAD with a web page',
      act: look,
      home: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }),
      reason: 'bad_response',
      says: /should be/,
    },
    {
      name: 'an ETag that cannot be a header',
      act: look,
      home: () => ({
        status: 200,
        headers: { 'content-type': manifestType, 'docker-content-digest': digest, etag: `"${'x'.repeat(400)}"` },
      }),
      value: { ...seen, etag: null },
    },
    {
      name: 'GET whose bytes are not those of its header',
      act: look,
      home: ({ method }) =>
        method === 'HEAD' ? { status: 405 } : { status: 200, headers: { 'docker-content-digest': digest }, body: other },
      reason: 'bad_response',
      says: /other bytes/,
    },
    {
      name: 'HEAD of a digest that names another one',
      act: ({ client, access }) => client.manifest(access, 'acme/api', digest),
      home: onHead({ status: 200, headers: { 'docker-content-digest': digestOf('other') } }),
      reason: 'bad_response',
      says: /other bytes/,
    },
    {
      name: 'GET of a digest with other bytes',
      act: facts,
      home: () => ({ status: 200, headers: { 'content-type': manifestType }, body: other }),
      reason: 'bad_response',
      says: /other bytes/,
    },
    {
      name: 'a manifest of 5 MB',
      act: facts,
      home: () => ({ status: 200, body: { schemaVersion: 2, filler: 'x'.repeat(5_000_000) } }),
      reason: 'bad_response',
      says: /more than 4194304 bytes/,
    },
    {
      name: 'a digest that is gone',
      act: ({ client, access }) => client.manifestFacts(access, 'acme/api', digestOf('gone')),
      reason: 'not_found',
      says: /no longer has/,
    },
    {
      name: 'an image of schema 1',
      act: ({ client, access }) => client.manifestFacts(access, 'acme/api', digestOf('{"schemaVersion":1}')),
      home: () => ({ status: 200, body: '{"schemaVersion":1}' }),
      reason: 'bad_response',
      says: /schema 1/,
    },
    { name: 'a damaged config', act: facts, home: onBlob({ status: 200, body: '{}' }), reason: 'bad_response', says: /damaged/ },
    { name: 'a config that is gone', act: facts, home: onBlob({ status: 404 }), reason: 'not_found' },
    {
      name: 'what an image says of itself',
      act: facts,
      value: {
        digest,
        mediaType: manifestType,
        configDigest: digestOf(config),
        platforms: ['linux/amd64'],
        sizeBytes: 1000 + config.length,
        builtAt: '2025-03-04T05:06:07.000Z',
        config: { ports: [], user: null, entrypoint: [], cmd: [], workdir: null },
      },
    },
  ]);
});
