import type { RegistryAccess } from '../access';
import { RegistryFailure } from '../failure';
import type { Endpoint } from '../protocol/endpoint';
import type { Caller } from '../wire/caller';
import type { WireAnswer, WireRequest } from '../wire/exchange';
import { cutOffFailure } from '../wire/networkFailure';
import type { Send } from '../wire/pacing';
import { orAborted } from '../wire/wait';
import type { BearerChallenge, TokenWish } from './bearer';
import { type Challenge, chooseChallenge, parseChallenges } from './challenge';
import { basicHeader, type Credentials } from './credentials';
import { createTokenStore, type IssuedToken } from './tokens';

/** One registry as one connection sees it. */
export interface Session {
  access: RegistryAccess;
  endpoint: Endpoint;
  credentials: Credentials;
  caller: Caller;
}

/** What of the protocol a request is for: the scope of its token. */
export const pullScope = (repository: string): string => `repository:${repository}:pull`;
export const catalogScope = 'registry:catalog:*';

export interface Authentication {
  /** Sends with what the host asks for; a 401 that comes back is final. */
  send(session: Session, request: WireRequest, scope: string): Promise<WireAnswer>;
  /** How the host wants its clients to authenticate; null when it does not ask. */
  challengeOf(session: Session): Promise<Challenge | null>;
  /** A token for the scope, new or kept. */
  token(session: Session, challenge: BearerChallenge, scope: string): Promise<string>;
  forget(accessKey: string): void;
}

interface Shown {
  header: string;
  token?: { purpose: string; value: string };
}

/** Answers the challenges of registries, and remembers how each host wants it. */
export function createAuthentication(
  send: Send,
  issue: (wish: TokenWish, caller: Caller) => Promise<IssuedToken>,
  now: () => Date,
): Authentication {
  const tokens = createTokenStore(now);
  /** By origin; null: did not ask. */
  const challenges = new Map<string, Challenge | null>();

  /** By origin: many requests begin at once, and one answer tells them all. */
  const pings = new Map<string, Promise<Challenge | null>>();

  async function challengeOf(session: Session): Promise<Challenge | null> {
    const { endpoint, caller } = session;
    for (;;) {
      const known = challenges.get(endpoint.base);
      if (known !== undefined) return known;
      const running = pings.get(endpoint.base);
      if (!running) return ping(session);
      try {
        return await orAborted(running, caller.signal);
      } catch (error) {
        if (caller.signal?.aborted) throw cutOffFailure(caller, endpoint.origin);
        // Only who asked was in a hurry.
        if (!(error instanceof RegistryFailure && error.cutOff)) throw error;
      }
    }
  }

  function ping({ endpoint, caller }: Session): Promise<Challenge | null> {
    const running = send(pingOf(endpoint), caller)
      .then((answer) => learn(endpoint, answer))
      .finally(() => pings.delete(endpoint.base));
    pings.set(endpoint.base, running);
    return running;
  }

  /** Remembers the challenge of an answer; an answer without one tells nothing against what is known. */
  function learn(endpoint: Endpoint, answer: WireAnswer): Challenge | null {
    // A host that was redirected to speaks for itself, not for the registry.
    const isOwn = answer.url.origin === endpoint.origin.origin;
    const found = (isOwn && answer.status === 401 && offeredBy(answer)) || null;
    if (found || (answer.status < 400 && !challenges.has(endpoint.base))) challenges.set(endpoint.base, found);
    return found;
  }

  async function shown(session: Session, challenge: Challenge | null, scope: string): Promise<Shown | undefined> {
    const { credentials } = session;
    if (credentials.kind === 'bearer') return { header: `Bearer ${credentials.token}` };
    if (challenge?.scheme === 'bearer') {
      const value = await token(session, challenge, scope);
      return { header: `Bearer ${value}`, token: { purpose: purposeOf(challenge, scope), value } };
    }
    if (challenge?.scheme !== 'basic' || credentials.kind === 'none') return undefined;
    return { header: basicHeader(credentials.username, credentials.password) };
  }

  async function shownAtFirst(session: Session, scope: string): Promise<Shown | undefined> {
    const remembered = challenges.get(session.endpoint.base);
    if (remembered) return shownAsRemembered(session, remembered, scope);
    // Without credentials it costs nothing to try.
    if (remembered === null || session.credentials.kind === 'none') return shown(session, null, scope);
    return shown(session, await challengeOf(session), scope);
  }

  /** A registry may have changed what it asks for since. */
  async function shownAsRemembered(session: Session, remembered: Challenge, scope: string): Promise<Shown | undefined> {
    try {
      return await shown(session, remembered, scope);
    } catch (error) {
      if (!(error instanceof RegistryFailure) || error.cutOff || error.failure.reason === 'rate_limited') throw error;
      challenges.delete(session.endpoint.base);
      const current = await challengeOf(session);
      if (isSame(current, remembered)) throw error;
      return shown(session, current, scope);
    }
  }

  async function token(session: Session, challenge: BearerChallenge, scope: string): Promise<string> {
    const { access, endpoint, credentials, caller } = session;
    const wish: TokenWish = { access, endpoint, credentials, challenge, scope };
    const flight = (signal: AbortSignal) => issue(wish, { ...caller, optional: false, signal });
    try {
      return await tokens.get(access.key, purposeOf(challenge, scope), flight, caller.signal);
    } catch (error) {
      throw caller.signal?.aborted ? cutOffFailure(caller, challenge.realm) : error;
    }
  }

  async function authorised(session: Session, request: WireRequest, scope: string): Promise<WireAnswer> {
    const { access, endpoint } = session;
    const first = await shownAtFirst(session, scope);
    const answer = await send(withAuthorization(request, first), session.caller);
    if (answer.status !== 401) return answer;

    if (first?.token) tokens.drop(access.key, first.token.purpose, first.token.value);
    const challenge = learn(endpoint, answer);
    // The scope that the registry itself asks for: it may count repositories in another way than it names them.
    const asked = challenge?.scheme === 'bearer' && challenge.scope ? challenge.scope : scope;
    const second = challenge ? await shown(session, challenge, asked) : undefined;
    // The same credentials would be refused the same way, and count as another failed login.
    if (!second || second.header === first?.header) return answer;
    const final = await send(withAuthorization(request, second), session.caller);
    if (final.status === 401 && second.token) tokens.drop(access.key, second.token.purpose, second.token.value);
    return final;
  }

  return { send: authorised, challengeOf, token, forget: (accessKey) => tokens.forget(accessKey) };
}

const offeredBy = (answer: WireAnswer): Challenge | undefined =>
  chooseChallenge(parseChallenges(answer.headers['www-authenticate']));

function isSame(a: Challenge | null, b: Challenge): boolean {
  if (a?.scheme !== 'bearer' || b.scheme !== 'bearer') return a?.scheme === b.scheme;
  return a.realm.href === b.realm.href && a.service === b.service;
}

const purposeOf = ({ realm, service }: BearerChallenge, scope: string): string => `${realm.href} ${service ?? ''} ${scope}`;

/** The request that every registry answers. */
export const pingOf = (endpoint: Endpoint): WireRequest => ({
  method: 'GET',
  url: new URL(`${endpoint.base}/v2/`),
  headers: { accept: 'application/json' },
  mostBytes: 65_536,
});

function withAuthorization(request: WireRequest, shown: Shown | undefined): WireRequest {
  return shown ? { ...request, headers: { ...request.headers, authorization: shown.header } } : request;
}
