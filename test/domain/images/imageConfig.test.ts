import * as fc from 'fast-check';
import { imageConfigOf } from '../../../src/domain/images/imageConfig';

const nothing = { ports: [], user: null, entrypoint: [], cmd: [], workdir: null };

test('what an image says of how it is started', () => {
  const config = {
    ExposedPorts: { '9090': {}, '53/udp': {}, '53/tcp': {}, '8080/tcp': {} },
    User: '1000:1000',
    Entrypoint: ['/entry.sh', ''],
    Cmd: ['run'],
    WorkingDir: '/srv',
  };
  expect(imageConfigOf(config)).toEqual({
    ports: [
      { port: 53, protocol: 'tcp' },
      { port: 53, protocol: 'udp' },
      { port: 8080, protocol: 'tcp' },
      { port: 9090, protocol: 'tcp' },
    ],
    user: '1000:1000',
    entrypoint: ['/entry.sh', ''],
    cmd: ['run'],
    workdir: '/srv',
  });
});

test.each([
  ['nothing at all', undefined],
  ['null', null],
  ['members that are null', { ExposedPorts: null, User: null, Entrypoint: null, Cmd: null, WorkingDir: null }],
  ['empty members', { ExposedPorts: {}, User: '', Entrypoint: [], Cmd: [], WorkingDir: '' }],
  ['members of other forms', { ExposedPorts: ['80'], User: 7, Entrypoint: 'sh', Cmd: ['a', 1], WorkingDir: {} }],
  ['ports that are none', { ExposedPorts: { '0/tcp': {}, '65536': {}, 'x/tcp': {}, '80/http': {}, '80-90': {} } }],
])('%s says nothing', (_, config) => {
  expect(imageConfigOf(config)).toEqual(nothing);
});

test('half a character is replaced, so that the database takes it', () => {
  expect(imageConfigOf({ User: 'a\ud800b', Cmd: ['\udfff', '😀'] })).toMatchObject({ user: 'a\ufffdb', cmd: ['\ufffd', '😀'] });
});

test('NUL, and more than any image needs, make it none that can be started', () => {
  expect(imageConfigOf({ Cmd: ['a\0b'] })).toBeNull();
  expect(imageConfigOf({ Cmd: ['x'.repeat(65_000)] })).not.toBeNull();
  expect(imageConfigOf({ Cmd: ['x'.repeat(65_600)] })).toBeNull();
  expect(imageConfigOf({ Entrypoint: Array.from({ length: 30_000 }, () => '') })).toBeNull();
});

test('whatever a registry sends is read', () => {
  void fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      imageConfigOf(one);
      imageConfigOf({ ExposedPorts: one, User: other, Entrypoint: one, Cmd: other, WorkingDir: one });
    }),
  );
});
