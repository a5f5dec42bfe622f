import { RegistryFailure } from '../failure';
import type { Caller } from './caller';
import { headerOf, type WireAnswer, type WireRequest } from './exchange';
import type { Send } from './pacing';

const most = 5;

/** Follows redirects of GET and HEAD; credentials stay behind when one leads to another origin. */
export function followingRedirects(send: Send): Send {
  return async (request, caller) => {
    let current = request;
    for (let hops = 0; ; hops++) {
      const answer = await send(current, caller);
      if (!isRedirect(answer.status) || request.method === 'POST') return answer;
      if (hops === most) throw refused(caller, answer.url, `redirects more than ${most} times`);
      current = redirected(current, answer, caller);
    }
  };
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function redirected(request: WireRequest, answer: WireAnswer, caller: Caller): WireRequest {
  const location = headerOf(answer.headers, 'location');
  if (location === undefined || !URL.canParse(location, request.url.href)) {
    throw refused(caller, request.url, 'redirects without saying where to');
  }
  const url = new URL(location, request.url.href);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && request.url.protocol === 'http:')) {
    throw refused(
      caller,
      request.url,
      `redirects to ${/^(?:http|file|ftp):$/.test(url.protocol) ? url.protocol.slice(0, -1) : 'another scheme'}`,
    );
  }
  if (url.origin === request.url.origin) return { ...request, url };
  // Allowed by name: whatever else a request carries may be a secret.
  const kept = Object.entries(request.headers).filter(([name]) => ['accept', 'if-none-match'].includes(name));
  return { ...request, url, headers: Object.fromEntries(kept) };
}

function refused(caller: Caller, url: URL, what: string): RegistryFailure {
  return new RegistryFailure(caller.name, url.host, {
    reason: 'bad_response',
    message: `${url.host} ${what}.`,
    hint: 'Write the address into registryUrl to which the redirects lead in the end, or mend the proxy in front of the registry.',
  });
}
