import type { RegistryAccess } from '../access';
import { parseChallenges } from '../auth/challenge';
import { type FailureParts, type FailureReason, RegistryFailure } from '../failure';
import { objectOf } from '../wire/body';
import { type Caller, quoted } from '../wire/caller';
import { headerOf, type WireAnswer } from '../wire/exchange';

interface Refusal {
  /** What was asked for, such as `the tags of acme/api`. */
  what: string;
  access: RegistryAccess;
}

/** The failure that a status means which is no success. */
export function statusFailure(answer: WireAnswer, caller: Caller, { what, access }: Refusal): RegistryFailure {
  return new RegistryFailure(caller.name, answer.url.host, refusalParts(answer, what, access));
}

function refusalParts(answer: WireAnswer, what: string, access: RegistryAccess): FailureParts {
  const { status } = answer;
  const host = answer.url.host;
  const said = saidBy(answer);
  const parts = (reason: FailureReason, message: string, hint: string): FailureParts => ({
    reason,
    status,
    message: `${message}${said === undefined ? '' : ` It said "${said}".`}`,
    hint,
  });
  if (isBeyondRights(answer) && hasCredentials(access)) {
    const message = `${host} knows the account of "${access.name}", but does not allow it access to ${what} (${status}).`;
    return parts('forbidden', message, forbiddenHint(access));
  }
  if (status === 401) return parts('unauthorized', unauthorizedMessage(host, what, access), unauthorizedHint(access));
  if (status === 403) return parts('forbidden', `${host} does not allow access to ${what} (403).`, forbiddenHint(access));
  if (status === 404) return parts('not_found', `${host} has no ${what.replace(/^the /, '')} (404).`, notFoundHint);
  if (status === 429) return parts('rate_limited', `${host} takes no more requests for now (429).`, 'Try again later.');
  if (status === 504) return parts('timeout', `${host} waited in vain for a server behind it (504).`, serverHint);
  if (status === 400 && /HTTP request.*HTTPS|plain HTTP/i.test(answer.body.subarray(0, 500).toString('utf8'))) {
    return parts('tls', `${host} expects TLS, but registryUrl says http://.`, 'Leave out http:// in registryUrl.');
  }
  if (status >= 500) return parts('bad_response', `${host} failed at ${what} (${status}).`, serverHint);
  return parts('bad_response', `${host} answered ${what} with status ${status}, which the protocol does not expect.`, otherHint);
}

const serverHint = 'Try again later; if it stays so, look into the logs of the registry.';
const otherHint = 'Check registryUrl, and whether a proxy stands in front of the registry.';
const notFoundHint =
  'Check the name, also repositoryPrefix; some registries answer so when the credentials have no right to read it.';

const hasCredentials = ({ password, token }: RegistryAccess): boolean => Boolean(password || token);

/** The token was good, but not for this (RFC 6750): the credentials before it were accepted. */
function isBeyondRights({ status, headers }: WireAnswer): boolean {
  const offered = status === 401 ? parseChallenges(headers['www-authenticate']) : [];
  return offered.some(({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope');
}

function unauthorizedMessage(host: string, what: string, access: RegistryAccess): string {
  return hasCredentials(access)
    ? `${host} does not accept the credentials of "${access.name}" for ${what} (401).`
    : `${host} shows ${what} only to those who log in (401).`;
}

/** What to do about credentials that are not accepted. */
export function unauthorizedHint(access: RegistryAccess): string {
  if (!hasCredentials(access)) return 'Store a username and a password, or a token, in the connection.';
  if (access.username === 'AWS') {
    return 'The password of Amazon ECR lasts 12 hours: get a new one with "aws ecr get-login-password", and store it.';
  }
  if (access.username) return 'Check username and password; a token that is used as password may have expired or been revoked.';
  return 'The token may have expired or been revoked: create a new one, and store it.';
}

function forbiddenHint(access: RegistryAccess): string {
  return hasCredentials(access)
    ? 'Give the account of this connection the right to read it.'
    : 'Store the credentials of an account that may read it.';
}

/** The code and text of the first error in an answer of the protocol (`{"errors": [{"code", "message"}]}`). */
function saidBy(answer: WireAnswer): string | undefined {
  if (!/json/i.test(headerOf(answer.headers, 'content-type') ?? '')) return undefined;
  let errors: unknown;
  try {
    errors = objectOf(JSON.parse(answer.body.toString('utf8')))?.errors;
  } catch {
    return undefined;
  }
  const { code, message } = objectOf(Array.isArray(errors) ? errors[0] : undefined) ?? {};
  const said = [code, message].filter((text): text is string => typeof text === 'string' && text !== '').join(': ');
  return said === '' ? undefined : quoted(said, answer.secrets);
}
