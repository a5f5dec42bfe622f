import type { RegistryAccess } from '../access';
import { RegistryFailure } from '../failure';
import type { Endpoint } from '../protocol/endpoint';
import { statusFailure, unauthorizedHint } from '../protocol/statusFailure';
import { jsonOf, objectOf } from '../wire/body';
import type { Caller } from '../wire/caller';
import { headerOf, type WireAnswer, type WireRequest } from '../wire/exchange';
import type { Send } from '../wire/pacing';
import type { Challenge } from './challenge';
import { basicHeader, type Credentials } from './credentials';
import { mayReceiveCredentials } from './realm';
import type { IssuedToken } from './tokens';

export type BearerChallenge = Extract<Challenge, { scheme: 'bearer' }>;

export interface TokenWish {
  access: RegistryAccess;
  endpoint: Endpoint;
  credentials: Credentials;
  challenge: BearerChallenge;
  /** Empty for a token that only says who one is. */
  scope: string;
}

export interface TokenServerOptions {
  realmHosts: readonly string[];
  now(): Date;
}

const mostBytes = 262_144;
/** A token is sent no more when this little of its life is left: clocks differ, and requests take their time. */
const marginMs = 30_000;

/** Asks token servers for bearer tokens, as the distribution project's token specification says. */
export function createTokenServers(send: Send, { realmHosts, now }: TokenServerOptions) {
  return async function issue(wish: TokenWish, caller: Caller): Promise<IssuedToken> {
    guardRealm(wish, realmHosts);
    const answer = await send(byGet(wish), caller);
    const form = secondTry(wish, answer.status);
    const final = form ? await send(byForm(wish, form), caller) : answer;
    if (final.status !== 200) throw refusedBy(final, wish, caller);
    return tokenIn(final, caller, now());
  };
}

/** Credentials go to the registry's own site or to hosts of the operator's choice, and never in the clear behind a registry with TLS. */
function guardRealm({ access, challenge, credentials, endpoint }: TokenWish, realmHosts: readonly string[]): void {
  const { realm } = challenge;
  if (realm.protocol === 'http:' && endpoint.origin.protocol === 'https:') {
    throw new RegistryFailure(access.name, endpoint.host, {
      reason: 'bad_response',
      message: `${endpoint.host} sends its clients to a token server without TLS (${realm.host}); nothing was sent there.`,
      hint: 'Let the registry name its token server with https://.',
    });
  }
  if (credentials.kind === 'none' || mayReceiveCredentials(endpoint.origin, realm, realmHosts)) return;
  throw new RegistryFailure(access.name, endpoint.host, {
    reason: 'unauthorized',
    message: `${endpoint.host} sends its clients to the token server ${realm.host} of another site; the credentials were not sent there.`,
    hint: `If that server belongs to the registry, let the operator add ${realm.hostname} to REGISTRY_REALM_HOSTS.`,
  });
}

function byGet({ challenge, credentials, scope }: TokenWish): WireRequest {
  const url = withoutUser(challenge.realm);
  if (challenge.service !== null) url.searchParams.set('service', challenge.service);
  // Scopes for several things are sent one by one.
  for (const each of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', each);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (credentials.kind === 'basic') {
    url.searchParams.set('account', credentials.username);
    headers.authorization = basicHeader(credentials.username, credentials.password);
  }
  return { method: 'GET', url, headers, mostBytes };
}

/**
 * Servers that know only the form answer GET with 404 or 405. A refused password is not tried a second time, which could lock
 * the account; an identity token (the user name says that it is one) is no password and has its own form.
 */
function secondTry({ credentials }: TokenWish, status: number): Record<string, string> | undefined {
  if (credentials.kind !== 'basic' || ![400, 401, 403, 404, 405].includes(status)) return undefined;
  const { username, password } = credentials;
  if (username === '<token>' || username === '00000000-0000-0000-0000-000000000000') {
    return { grant_type: 'refresh_token', refresh_token: password };
  }
  return status === 404 || status === 405 ? { grant_type: 'password', username, password } : undefined;
}

function byForm({ challenge, scope }: TokenWish, form: Record<string, string>): WireRequest {
  const body = new URLSearchParams({ ...form, client_id: 'portolan' });
  if (challenge.service !== null) body.set('service', challenge.service);
  if (scope !== '') body.set('scope', scope);
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url: withoutUser(challenge.realm), headers, body: body.toString(), mostBytes };
}

function withoutUser(realm: URL): URL {
  const url = new URL(realm);
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

function refusedBy(answer: WireAnswer, { access, credentials, scope }: TokenWish, caller: Caller): RegistryFailure {
  if (answer.status === 401 || (answer.status === 400 && credentials.kind !== 'none')) {
    return new RegistryFailure(caller.name, answer.url.host, {
      reason: 'unauthorized',
      status: answer.status,
      message:
        credentials.kind === 'none'
          ? `The token server ${answer.url.host} gives no token to those who do not log in (${answer.status}).`
          : `The token server ${answer.url.host} does not accept the credentials of "${access.name}" (${answer.status}).`,
      hint: unauthorizedHint(access),
    });
  }
  return statusFailure(answer, caller, { what: scope === '' ? 'the token' : `a token for ${scope}`, access });
}

function tokenIn(answer: WireAnswer, caller: Caller, now: Date): IssuedToken {
  const body = objectOf(jsonOf(answer, caller, 'a token')) ?? {};
  const token = [body.token, body.access_token].find((each) => typeof each === 'string' && each !== '');
  // Anything else cannot stand in a header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token)) {
    throw new RegistryFailure(caller.name, answer.url.host, {
      reason: 'bad_response',
      message: `The token server ${answer.url.host} answered without a token.`,
      hint: 'Look into the logs of the token server, and check that the registry names the right one.',
    });
  }
  const { expires_in: given } = body;
  const lifeMs = (typeof given === 'number' && given > 0 ? Math.min(given, 86_400) : 60) * 1000;
  return { token, usableUntil: now.getTime() + lifeMs - ageMs(body.issued_at, answer, lifeMs) - marginMs };
}

/** How old a token already is, by the server's own clock, which may differ from ours. */
function ageMs(issuedAt: unknown, answer: WireAnswer, lifeMs: number): number {
  if (typeof issuedAt !== 'string') return 0;
  const age = Date.parse(headerOf(answer.headers, 'date') ?? '') - Date.parse(issuedAt);
  return age > 0 && age <= lifeMs ? age : 0;
}
