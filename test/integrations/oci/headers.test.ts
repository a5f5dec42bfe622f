import fc from 'fast-check';
import { chooseChallenge, parseChallenges } from '../../../src/integrations/oci/auth/challenge';
import { mayReceiveCredentials, siteOf } from '../../../src/integrations/oci/auth/realm';
import { nextPage } from '../../../src/integrations/oci/protocol/link';
import { quoted } from '../../../src/integrations/oci/wire/caller';
import { rateLimitOf } from '../../../src/integrations/oci/wire/rateLimit';
import { retryAfterOf } from '../../../src/integrations/oci/wire/retryAfter';

/** What stands in headers, read. */

describe('WWW-Authenticate', () => {
  const read = (header: string | string[]) =>
    parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

  test.each<[string | string[], unknown]>([
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    [
      'bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"',
      [['bearer', { realm: 'https://a/t', service: 's', scope: 'repository:a/b:pull,push' }]],
    ],
    ['Bearer realm=plain , Service = "q"', [['bearer', { realm: 'plain', service: 'q' }]]],
    [
      'Newauth realm="a, b=\\"c\\"", title="t", Basic realm="x"',
      [
        ['newauth', { realm: 'a, b="c"', title: 't' }],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'NTLM TlRM==, Basic realm="x"',
      [
        ['ntlm', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      ['Bearer realm="a"', 'Basic realm="b"'],
      [
        ['bearer', { realm: 'a' }],
        ['basic', { realm: 'b' }],
      ],
    ],
    [',, ,Basic ,', [['basic', {}]]],
    ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
    ['Bearer realm="open', [['bearer', {}]]],
    ['realm="nobody"', []],
    ['', []],
    ['"', []],
  ])('%j', (header, expected) => expect(read(header)).toEqual(expected));

  test('Bearer comes before Basic, and one that cannot be answered is passed over', () => {
    expect(chooseChallenge(parseChallenges('Basic realm="x", Bearer realm="https://a/t"'))).toMatchObject({ scheme: 'bearer' });
    expect(chooseChallenge(parseChallenges('Bearer realm="/relative", Basic realm="x"'))).toEqual({ scheme: 'basic' });
    expect(chooseChallenge(parseChallenges('Digest realm="x"'))).toBeUndefined();
  });

  test('any text is read in no time, and without a fault', () => {
    const pieces = fc.constantFrom('Bearer', 'Basic', ' ', ',', '"', '\\', '=', 'realm', 'x', '\t');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
        ),
        (text) => Array.isArray(parseChallenges(text)),
      ),
    );
    const startedAt = performance.now();
    for (const evil of [
      'a '.repeat(8000),
      `${'\\"'.repeat(8000)}`,
      `a="${'\\'.repeat(16_001)}`,
      'a=b,'.repeat(4000),
      ' ,\t'.repeat(5000),
    ])
      parseChallenges(`Basic ${evil}`);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('Link', () => {
  const page = new URL('https://registry.test/v2/a/tags/list?n=2');
  const next = (header: string | string[] | undefined) => {
    const found = nextPage(header, page);
    return found instanceof URL ? found.href : found;
  };

  test.each<[string | string[] | undefined, string | undefined]>([
    [undefined, undefined],
    ['</v2/a/tags/list?last=b>; rel="next"', 'https://registry.test/v2/a/tags/list?last=b'],
    ['<?last=b>; rel=next', 'https://registry.test/v2/a/tags/list?last=b'],
    ['<https://registry.test/x>;rel="prev next"', 'https://registry.test/x'],
    ['<https://REGISTRY.test:443/x>; REL=Next', 'https://registry.test/x'],
    ['</a>; rel="prev", </b,c>; title="a; b, \\"c\\""; rel="next"', 'https://registry.test/b,c'],
    [['</a>; rel=prev', '</b>; rel=next'], 'https://registry.test/b'],
    ['<http://registry.test/x>; rel=next', 'https://registry.test/x'],
    ['</x#y>; rel=next', 'https://registry.test/x'],
    ['<http://registry.test:8080/x>; rel=next', 'elsewhere'],
    ['<https://other.test/x>; rel=next', 'elsewhere'],
    ['<//other.test/x>; rel=next', 'elsewhere'],
    ['<https://u:p@registry.test/x>; rel=next', 'elsewhere'],
    ['<https://[>; rel=next', 'elsewhere'],
    ['</x>; rel="nextish"', undefined],
    ['</x>', undefined],
    ['</x; rel=next', undefined],
    ['rel=next', undefined],
  ])('%j', (header, expected) => expect(next(header)).toBe(expected));

  test('any text is read in no time, and without a fault', () => {
    fc.assert(fc.property(fc.string(), (text) => void nextPage(text, page)));
    const startedAt = performance.now();
    for (const evil of [
      '<'.repeat(16_000),
      '</x>'.repeat(4000),
      `</x>${'; a="'.repeat(3000)}`,
      ', '.repeat(8000),
      `</x>${' ; a '.repeat(4000)}`,
    ])
      nextPage(evil, page);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-03-01T08:00:00Z');
  test.each<[string | undefined, string | undefined]>([
    ['0', '2026-03-01T08:00:00.000Z'],
    ['30', '2026-03-01T08:00:30.000Z'],
    [' 1.5 ', '2026-03-01T08:00:01.500Z'],
    ['Sun, 01 Mar 2026 09:00:00 GMT', '2026-03-01T09:00:00.000Z'],
    ['Sunday, 01-Mar-26 09:00:00 GMT', '2026-03-01T09:00:00.000Z'],
    ['Sun Mar  1 09:00:00 2026 GMT', '2026-03-01T09:00:00.000Z'],
    ['Sun, 01 Mar 2020 09:00:00 GMT', '2026-03-01T08:00:00.000Z'],
    ['999999999999', '2026-03-02T08:00:00.000Z'],
    ['Sun, 01 Mar 2099 09:00:00 GMT', '2026-03-02T08:00:00.000Z'],
    ['-5', undefined],
    ['1e9', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (value, expected) => expect(retryAfterOf(value, now)?.toISOString()).toBe(expected));
});

describe('rate limits', () => {
  const now = new Date('2026-03-01T08:00:00Z');
  test.each<[Record<string, string>, unknown]>([
    [{ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' }, [100, 76, '2026-03-01T14:00:00.000Z']],
    [{ 'ratelimit-limit': '100', 'ratelimit-remaining': '0', 'ratelimit-reset': '50' }, [100, 0, '2026-03-01T08:00:50.000Z']],
    [{ ratelimit: 'limit=100, remaining=50, reset=5' }, [100, 50, '2026-03-01T08:00:05.000Z']],
    [{ ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' }, [100, 50, '2026-03-01T08:00:30.000Z']],
    [
      { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '1772355600' },
      [5000, 4999, '2026-03-01T09:00:00.000Z'],
    ],
    [
      { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59', 'x-ratelimit-reset': '60' },
      [60, 59, '2026-03-01T08:01:00.000Z'],
    ],
    [{ 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59' }, [60, 59, null]],
    [{ 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59', 'x-ratelimit-reset': '99999999999999999' }, [60, 59, null]],
    [{ 'ratelimit-limit': '100' }, undefined],
    [{ 'ratelimit-limit': '0', 'ratelimit-remaining': '0' }, undefined],
    [{ 'ratelimit-limit': 'many', 'ratelimit-remaining': 'few' }, undefined],
    [{}, undefined],
  ])('%j', (headers, expected) => {
    const seen = rateLimitOf(headers, now);
    expect(seen && [seen.limit, seen.remaining, seen.resetAt?.toISOString() ?? null]).toEqual(expected);
  });
});

describe('who may get the credentials of a registry', () => {
  test.each<[string, string, boolean]>([
    ['registry-1.docker.io', 'auth.docker.io', true],
    ['registry.gitlab.com', 'gitlab.com', true],
    ['registry.digitalocean.com', 'api.digitalocean.com', true],
    ['ghcr.io', 'ghcr.io', true],
    ['localhost:5000', 'localhost:5001', true],
    ['127.0.0.1:5000', '127.0.0.1:5001', true],
    ['[::1]:5000', '[::1]:5001', true],
    ['registry.acme.co.uk', 'login.acme.co.uk', true],
    ['registry.acme.co.uk', 'evil.co.uk', false],
    ['registry.acme.com.au', 'evil.com.au', false],
    ['acme.azurecr.io', 'evil.azurecr.io', false],
    ['1.dkr.ecr.eu-west-1.amazonaws.com', 'evil.s3.amazonaws.com', false],
    ['acme.github.io', 'evil.github.io', false],
    ['127.0.0.1', '127.0.0.2', false],
    ['10.0.0.1', '11.0.0.1', false],
    ['localhost', '127.0.0.1', false],
    ['registry', 'evil', false],
    ['docker.io', 'notdocker.io', false],
    ['registry.test', 'registry.test.evil.com', false],
  ])('%s to %s: %s', (registry, realm, allowed) => {
    expect(mayReceiveCredentials(new URL(`https://${registry}`), new URL(`https://${realm}/token`), [])).toBe(allowed);
  });

  test('and hosts that the operator lists, with or without their port', () => {
    const registry = new URL('https://registry.test');
    expect(mayReceiveCredentials(registry, new URL('https://login.example/t'), ['login.example'])).toBe(true);
    expect(mayReceiveCredentials(registry, new URL('https://login.example:8443/t'), ['login.example:8443'])).toBe(true);
    expect(mayReceiveCredentials(registry, new URL('https://login.example:9000/t'), ['login.example:8443'])).toBe(false);
    expect(mayReceiveCredentials(registry, new URL('https://a.login.example/t'), ['login.example'])).toBe(false);
    expect(siteOf('A.B.Example.COM.')).toBe('example.com');
  });
});

test('what is quoted holds no secret, no token, no query, and no line break', () => {
  const said = quoted('no for hunter2!\u001b[0m\nBearer abc.def at https://x/y?sig=1 eyJhbGciOi.J9.x', ['hunter2!']);
  expect(said).toBe('no for *** [0m Bearer *** at https://x/y ***');
  expect(quoted('x'.repeat(1000), [])).toHaveLength(200);
});
