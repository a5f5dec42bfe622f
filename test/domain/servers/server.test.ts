import { isLocalHost } from '../../../src/domain/servers/localHost';
import { percentOf } from '../../../src/domain/servers/metrics';
import { applyServerPatch, checkServer, newServer } from '../../../src/domain/servers/server';

describe('the host that Portolan runs on', () => {
  test.each(['localhost', 'LocalHost', '127.0.0.1', '127.255.0.9', '::1', '[::1]'])('is %s', (hostname) => {
    expect(isLocalHost(hostname)).toBe(true);
  });

  test.each(['10.0.0.5', '128.0.0.1', '127.0.0.256', '127.1', '127.0.0.1.example.com', 'localhost.example.com', '::2', ''])(
    'is not %s',
    (hostname) => expect(isLocalHost(hostname)).toBe(false),
  );
});

describe('a new server', () => {
  test('takes the default for Docker where its host allows it', () => {
    expect(newServer('a', 'localhost', 'socket').dockerMode).toBe('socket');
    expect(newServer('a', '10.0.0.5', 'socket').dockerMode).toBe('ssh');
    expect(newServer('a', 'localhost', 'ssh').dockerMode).toBe('ssh');
  });
});

describe('a patch', () => {
  const present = { ...newServer('a', '10.0.0.5', 'ssh'), hostKeyFingerprint: 'SHA256:abc' };

  test.each([
    [{}, 'SHA256:abc'],
    [{ name: 'b', tags: ['x'], hostname: '10.0.0.5', sshPort: 22 }, 'SHA256:abc'],
    [{ hostname: '10.0.0.6' }, null],
    [{ sshPort: 2222 }, null],
    [{ hostKeyFingerprint: null }, null],
  ])('%j leaves the host key %s', (patch, expected) => {
    expect(applyServerPatch(present, patch).hostKeyFingerprint).toBe(expected);
  });

  test('the member that does not fit is named', () => {
    const local = newServer('a', 'localhost', 'socket');
    for (const [before, patch, field] of [
      [present, { dockerMode: 'socket' }, 'dockerMode'],
      [local, { hostname: '10.0.0.5' }, 'hostname'],
      [local, { hostname: '10.0.0.5', dockerMode: 'socket' }, 'dockerMode'],
    ] as const) {
      expect(checkServer(applyServerPatch(before, patch), patch).map((issue) => [issue.field, issue.code])).toEqual([
        [field, 'inconsistent'],
      ]);
    }
    expect(checkServer(applyServerPatch(local, { hostname: '::1' }), {})).toEqual([]);
  });
});

describe('percent', () => {
  test.each([
    [1, 3, 33.33],
    [0, 8, 0],
    [8, 8, 100],
    [null, 8, null],
    [8, null, null],
    [0, 0, null],
  ])('%s of %s is %s', (used, total, expected) => expect(percentOf(used, total)).toBe(expected));
});
