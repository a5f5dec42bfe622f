import type { RegistryFailure } from '../../../src/integrations/oci/failure';
import type { Behaviour } from '../../support/fakeRegistry';
import { type Fault, openScene, type Scene, tagsAt, testFaults } from './scene';

const hour = 3_600_000;

/** The first answers are these, then all is well. */
function firstly(...behaviours: Behaviour[]): NonNullable<Fault['home']> {
  const left = new Map<Scene, Behaviour[]>();
  return (_request, scene) => {
    const own = left.get(scene) ?? [...behaviours];
    left.set(scene, own);
    return own.shift();
  };
}

const throttled = (retryAfter?: string, status = 429): Behaviour => ({
  status,
  ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
  body: { errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] },
});

/** The ping and the request that was answered with a fault. */
const sentOnly =
  (count: number) =>
  async (scene: Scene): Promise<void> => {
    expect(scene.home.requests).toHaveLength(count);
  };

const pausedFor =
  (ms: number) =>
  async (scene: Scene, failure?: RegistryFailure): Promise<void> => {
    const retryAt = Date.parse(failure?.failure.retryAt ?? '');
    expect(Math.abs(retryAt - Date.now() - ms)).toBeLessThan(5000);
    const sent = scene.home.requests.length;
    await expect(tagsAt(scene)).rejects.toMatchObject({ failure: { reason: 'rate_limited', retryAt: failure?.failure.retryAt } });
    expect(scene.home.requests).toHaveLength(sent);
  };

describe('a registry that asks for patience', () => {
  testFaults([
    { name: '429 with Retry-After: 0 is asked again', home: firstly(throttled('0')), value: ['1.0', '1.1'], check: sentOnly(3) },
    {
      name: '429 with a date that is past is asked again',
      home: firstly(throttled(new Date(0).toUTCString())),
      value: ['1.0', '1.1'],
    },
    { name: '429 twice without a time is asked a third time', home: firstly(throttled(), throttled()), value: ['1.0', '1.1'] },
    {
      name: '429 with an hour in seconds pauses the host',
      home: () => throttled('3600'),
      reason: 'rate_limited',
      check: pausedFor(hour),
    },
    {
      name: '429 with an hour as a date pauses the host',
      home: () => throttled(new Date(Date.now() + hour).toUTCString()),
      reason: 'rate_limited',
      check: pausedFor(hour),
    },
    {
      name: '429 with a hundred years pauses for a day',
      home: () => throttled('3153600000'),
      reason: 'rate_limited',
      check: pausedFor(24 * hour),
    },
    {
      name: '429 without a time, again and again, pauses for a minute',
      home: () => throttled(),
      reason: 'rate_limited',
      check: pausedFor(60_000),
    },
    {
      name: '429 with a broken time pauses for a minute',
      home: () => throttled('soon'),
      reason: 'rate_limited',
      check: pausedFor(60_000),
    },
    {
      name: '429 with a negative time pauses for a minute',
      home: () => throttled('-5'),
      reason: 'rate_limited',
      check: pausedFor(60_000),
    },
    {
      name: '429 with Retry-After: 0 for ever ends',
      home: () => throttled('0'),
      reason: 'rate_limited',
      says: /not to be asked again before/,
    },
    {
      name: '503 with Retry-After pauses the host',
      home: () => throttled('3600', 503),
      reason: 'rate_limited',
      check: pausedFor(hour),
    },
    {
      name: '503 without Retry-After is asked three times',
      home: () => ({ status: 503 }),
      reason: 'bad_response',
      says: /503/,
      check: sentOnly(4),
    },
    {
      name: '502 twice is asked a third time',
      home: firstly({ status: 502 }, { status: 502 }),
      value: ['1.0', '1.1'],
      check: sentOnly(4),
    },
    {
      name: '504 for ever is a timeout behind the registry',
      home: () => ({ status: 504 }),
      reason: 'timeout',
      says: /504/,
      check: sentOnly(4),
    },
    {
      name: '500 is not asked again',
      home: () => ({ status: 500, body: '<h1>Oops</h1>' }),
      reason: 'bad_response',
      says: /500/,
      check: sentOnly(2),
    },
  ]);

  test('an optional request is refused when less than a tenth of the limit is left, and a needed one is sent', async () => {
    const scene = await openScene();
    try {
      const { home, client, access } = scene;
      const well = home.behave;
      home.behave = (request) => {
        const behaviour = well(request);
        if (typeof behaviour === 'function') return behaviour;
        return {
          ...behaviour,
          headers: { ...behaviour.headers, 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '9;w=21600' },
        };
      };
      await client.tags(access, 'acme/api');
      const sent = home.requests.length;
      await expect(client.tags(access, 'acme/api', { optional: true })).rejects.toMatchObject({ name: 'OptionalRefused' });
      expect(home.requests).toHaveLength(sent);
      await expect(tagsAt(scene)).resolves.toEqual(['1.0', '1.1']);
      const { rateLimit } = await client.test(access, null);
      expect(rateLimit).toEqual({ limit: 100, remaining: 9, resetAt: expect.any(String) });
      scene.later(6 * hour + 1000);
      await expect(client.tags(access, 'acme/api', { optional: true })).resolves.toMatchObject({ truncated: false });
    } finally {
      await scene.close();
    }
  });

  test('a caller that gives up ends the pause', async () => {
    const scene = await openScene();
    try {
      const client = scene.clientWith({ patienceMs: 60_000 });
      scene.home.behave = () => throttled('30');
      const startedAt = performance.now();
      const work = client.tags(scene.access, 'acme/api', { signal: AbortSignal.timeout(100) });
      await expect(work).rejects.toMatchObject({ cutOff: true, failure: { reason: 'timeout' } });
      expect(performance.now() - startedAt).toBeLessThan(2000);
    } finally {
      await scene.close();
    }
  });
});
