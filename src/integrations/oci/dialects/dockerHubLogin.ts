import type { CallOptions, RegistryAccess } from '../access';
import { RegistryFailure } from '../failure';
import { objectOf } from '../wire/body';
import { orAborted } from '../wire/wait';
import type { ApiAnswer, ApiCall } from './apiCall';
import { apiFailure } from './apiListing';

/** Bearer tokens of Docker Hub, which it issues for a username with password or access token. */
export interface HubLogins {
  /** Null for an access without credentials. */
  bearerOf(access: RegistryAccess, options: CallOptions): Promise<string | null>;
  /** Docker Hub refused this token before its time: the next one is asked for anew. */
  drop(accessKey: string, bearer: string): void;
  forget(accessKey: string): void;
}

interface Login {
  bearer: string;
  endsAtMs: number;
}

interface Refusal {
  failure: RegistryFailure;
  endsAtMs: number;
}

const earlyMs = 30_000;
/** Tokens whose end cannot be read; Docker Hub's own live ten minutes. */
const unknownLifeMs = 5 * 60_000;
/** Docker Hub locks accounts after many wrong passwords, and a refresh asks once for each of its images. */
const refusalMs = 60_000;

const accessTokenHint =
  'Create an access token under Account settings, Personal access tokens, at Docker Hub and store it in password.';

/** Logs in when needed; calls that come meanwhile wait for the same login. */
export function createHubLogins(call: ApiCall, base: string, nowMs: () => number): HubLogins {
  const logins = new Map<string, Login>();
  const refusals = new Map<string, Refusal>();
  const underWay = new Map<string, Promise<string>>();

  async function login(access: RegistryAccess, username: string, secret: string, requestId?: string): Promise<Login> {
    const ask = (path: string, json: unknown) => call({ method: 'POST', url: `${base}${path}`, json, requestId, access });
    try {
      let answer = await ask('/v2/auth/token', { identifier: username, secret });
      // Stand-ins of Docker Hub may only know the older way.
      if (answer.status === 404 || answer.status === 405) answer = await ask('/v2/users/login', { username, password: secret });
      const body = objectOf(answer.body);
      const bearer = body?.access_token ?? body?.token;
      if (answer.status !== 200 || typeof bearer !== 'string' || !isSendable(bearer)) throw failureOf(access, base, answer);
      return { bearer, endsAtMs: nowMs() + lifeMs(bearer, nowMs()) - earlyMs };
    } catch (error) {
      throw error instanceof RegistryFailure && error.failure.reason === 'rate_limited' ? throttled(access, base, error) : error;
    }
  }

  function start(access: RegistryAccess, username: string, secret: string, requestId?: string): Promise<string> {
    const { key } = access;
    const running: Promise<string> = login(access, username, secret, requestId).then(
      (done) => {
        if (underWay.get(key) === running) logins.set(key, done);
        return done.bearer;
      },
      (error: unknown) => {
        if (underWay.get(key) === running && isRefusal(error)) {
          refusals.set(key, { failure: error, endsAtMs: nowMs() + refusalMs });
        }
        throw error;
      },
    );
    underWay.set(key, running);
    const over = () => {
      if (underWay.get(key) === running) underWay.delete(key);
    };
    running.then(over, over);
    return running;
  }

  return {
    async bearerOf(access, { signal, requestId }) {
      const { key, username } = access;
      const secret = access.password || access.token;
      if (!username || !secret) return null;
      dropEnded(logins, nowMs());
      dropEnded(refusals, nowMs());
      const kept = logins.get(key);
      if (kept) return kept.bearer;
      const refusal = refusals.get(key);
      if (refusal) throw sameAgain(refusal.failure);
      // One caller's end must not end the login of the others, so it runs without a signal; each waits as long as it may.
      const running = underWay.get(key) ?? start(access, username, secret, requestId);
      try {
        return await orAborted(running, signal);
      } catch (error) {
        throw signal?.aborted ? cutOff(access, base) : error;
      }
    },
    drop(accessKey, bearer) {
      if (logins.get(accessKey)?.bearer === bearer) logins.delete(accessKey);
    },
    forget(accessKey) {
      logins.delete(accessKey);
      refusals.delete(accessKey);
      underWay.delete(accessKey);
    },
  };
}

/** A new error for each caller: they add to its stack. */
function sameAgain({ failure, hint }: RegistryFailure): RegistryFailure {
  const retryAt = failure.retryAt === undefined ? undefined : new Date(failure.retryAt);
  return new RegistryFailure(failure.name, failure.host, { ...failure, retryAt, hint });
}

function dropEnded(kept: Map<string, { endsAtMs: number }>, atMs: number): void {
  for (const [key, { endsAtMs }] of kept) if (endsAtMs <= atMs) kept.delete(key);
}

/** A header value, and no more than that. */
const isSendable = (bearer: string): boolean => /^[\x21-\x7e]{1,16384}$/.test(bearer);

/** How long a JWT lives, by its own clock where it says when it was issued. */
function lifeMs(bearer: string, atMs: number): number {
  try {
    const claims = objectOf(JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString('utf8')));
    const { exp, iat } = claims ?? {};
    if (typeof exp !== 'number' || !Number.isFinite(exp)) return unknownLifeMs;
    return typeof iat === 'number' && Number.isFinite(iat) ? (exp - iat) * 1000 : exp * 1000 - atMs;
  } catch {
    return unknownLifeMs;
  }
}

const isRefusal = (error: unknown): error is RegistryFailure =>
  error instanceof RegistryFailure && ['unauthorized', 'forbidden', 'rate_limited'].includes(error.failure.reason);

function failureOf(access: RegistryAccess, base: string, { status, body }: ApiAnswer): RegistryFailure {
  const refused = (message: string, hint: string) => apiFailure(access, base, { reason: 'unauthorized', status, message, hint });
  if (status === 401 && wantsSecondFactor(body)) {
    return refused('The Docker Hub account asks for a second factor, which a password alone does not give.', accessTokenHint);
  }
  // 400 and 422: a username or secret of a form that no account has.
  if (status === 400 || status === 401 || status === 422) {
    return refused(
      'Docker Hub does not accept the username with this password or access token.',
      'Check username (the Docker ID, not an email address) and password; an access token may be expired or revoked.',
    );
  }
  if (status === 403) {
    return apiFailure(access, base, {
      reason: 'forbidden',
      status,
      message: 'Docker Hub does not let this account log in.',
      hint: `The account is locked, or its organization demands single sign-on. ${accessTokenHint}`,
    });
  }
  return apiFailure(access, base, {
    reason: 'bad_response',
    status,
    message: 'The login of Docker Hub answers with something that is no token.',
    hint: 'Check that nothing between Portolan and Docker Hub changes its answers, or try again later.',
  });
}

function wantsSecondFactor(body: unknown): boolean {
  const answer = objectOf(body);
  if (!answer) return false;
  const text = [answer.detail, answer.message].filter((part) => typeof part === 'string').join(' ');
  return 'login_2fa_token' in answer || /second(?:ary)?[ -](?:factor|authentication)|two[ -]factor|\b[2m]fa\b/i.test(text);
}

/** Told apart from an ordinary limit: waiting helps, and so does stopping whoever guesses the password. */
function throttled(access: RegistryAccess, base: string, { failure }: RegistryFailure): RegistryFailure {
  return apiFailure(access, base, {
    reason: 'rate_limited',
    message: 'Docker Hub takes no more logins of this account for now.',
    hint: 'Wait, and see that no other program tries wrong credentials; without credentials public images stay readable.',
    status: failure.status,
    retryAt: failure.retryAt === undefined ? undefined : new Date(failure.retryAt),
  });
}

function cutOff(access: RegistryAccess, base: string): RegistryFailure {
  return apiFailure(access, base, {
    reason: 'timeout',
    cutOff: true,
    message: 'The login at Docker Hub did not end in the time given.',
    hint: 'Try again later.',
  });
}
