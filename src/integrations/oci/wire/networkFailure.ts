import { type FailureParts, RegistryFailure } from '../failure';
import type { Caller } from './caller';

type Explained = Pick<FailureParts, 'reason' | 'message' | 'hint' | 'connected' | 'transient'>;

const reachable = 'Check that the registry runs, and that firewalls and proxies let Portolan through.';
const trust =
  'Put the certificate of its authority into the file that REGISTRY_CA_FILE names, or install one of a public authority.';
const clock = 'Renew the certificate of the registry; if it is valid, set the clock of this machine.';

type Explain = (host: string) => Explained;

const untrusted =
  (what: string): Explain =>
  (host) => ({ reason: 'tls', message: `The certificate of ${host} ${what}.`, hint: trust, connected: false });

const refusedTo =
  (what: string): Explain =>
  (host) => ({ reason: 'connection_refused', message: `${host} ${what}.`, hint: reachable, connected: false, transient: true });

const notTls: Explain = (host) => ({
  reason: 'tls',
  message: `${host} does not speak TLS on this port; it may be a server of plain http.`,
  hint: 'Write http:// in front of registryUrl if the registry has no TLS, or correct its port.',
  connected: false,
});

const unnamed: Explain = (host) => ({
  reason: 'dns',
  message: `The name ${host} is not known.`,
  hint: 'Check the host in registryUrl for typing errors, and the name servers of this machine.',
  connected: false,
});

const slow =
  (what: string, parts: Partial<Explained> = {}): Explain =>
  (host) => ({ reason: 'timeout', message: `${host} ${what}.`, hint: reachable, ...parts });

const cutShort: Explain = (host) => ({
  reason: 'bad_response',
  message: `${host} closed the connection in the middle of its answer.`,
  hint: 'Try again; if it stays so, look into the logs of the registry and of proxies in front of it.',
  transient: true,
});

const notHttp: Explain = (host) => ({
  reason: 'bad_response',
  message: `${host} answered something that is not HTTP.`,
  hint: 'Check host and port of registryUrl; if the registry has TLS, do not write http://.',
});

const byCode: Record<string, Explain> = {
  ENOTFOUND: unnamed,
  ENODATA: unnamed,
  EAI_AGAIN: (host) => ({
    ...unnamed(host),
    message: `The name ${host} could not be looked up: the name server gives no answer.`,
    transient: true,
  }),
  ECONNREFUSED: refusedTo('refuses connections'),
  ECONNRESET: refusedTo('closed the connection before it answered'),
  EPIPE: refusedTo('closed the connection before it answered'),
  UND_ERR_SOCKET: refusedTo('closed the connection before it answered'),
  EHOSTUNREACH: refusedTo('cannot be reached: there is no route to it'),
  ENETUNREACH: refusedTo('cannot be reached: there is no route to its network'),
  EADDRNOTAVAIL: refusedTo('cannot be reached from this machine'),
  ETIMEDOUT: slow('did not take the connection in time', { connected: false, transient: true }),
  UND_ERR_CONNECT_TIMEOUT: slow('did not take the connection in time', { connected: false, transient: true }),
  UND_ERR_HEADERS_TIMEOUT: slow('took the request, but did not begin to answer in time'),
  UND_ERR_BODY_TIMEOUT: slow('began to answer, but did not go on in time'),
  UND_ERR_HEADERS_OVERFLOW: (host) => ({
    ...notHttp(host),
    message: `${host} sends more headers than a registry has reason to.`,
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted('is self-signed and not trusted'),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted('comes from a private authority that is not trusted'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted('comes from an authority that is not known, or its chain is incomplete'),
  UNABLE_TO_GET_ISSUER_CERT: untrusted('comes from an authority that is not known, or its chain is incomplete'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted('comes from an authority that is not known, or its chain is incomplete'),
  CERT_SIGNATURE_FAILURE: untrusted('is signed with another key than the trusted authority of that name has'),
  CERT_HAS_EXPIRED: (host) => ({ ...untrusted('has expired')(host), hint: clock }),
  CERT_NOT_YET_VALID: (host) => ({ ...untrusted('is not valid yet')(host), hint: clock }),
  CERT_REVOKED: (host) => ({ ...untrusted('was revoked')(host), hint: clock }),
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => ({
    ...untrusted('is valid for other names only')(host),
    hint: 'Use the name in registryUrl that stands in the certificate, or install one for this name.',
  }),
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_RECORD_OVERFLOW: notTls,
  EPROTO: notTls,
  UND_ERR_INVALID_ARG: (host) => ({
    reason: 'unauthorized',
    message: `The credentials for ${host} hold characters that cannot be sent.`,
    hint: 'Store them again; line breaks may have come along when they were copied.',
  }),
  EGRESS_REFUSED: (host) => ({
    reason: 'connection_refused',
    message: `Portolan does not connect to ${host}: it leads to a link-local or metadata address.`,
    hint: 'Use the address of a registry; addresses of private networks are allowed.',
    connected: false,
  }),
};

/** What went wrong on the wire, in words. `answering`: the headers had come. */
export function networkFailure(caller: Caller, url: URL, error: unknown, answering: boolean): RegistryFailure {
  const code = codeOf(error);
  const explain = answering && isDisconnection(code) ? cutShort : (byCode[code] ?? byKind(code));
  return new RegistryFailure(caller.name, url.host, { ...explain(url.host), cause: bare(error, code) });
}

/** For logs. Errors of the library carry what was received, which may repeat what was sent. */
function bare(error: unknown, code: string): Error {
  const { message } = (error ?? {}) as ErrorParts;
  return Object.assign(new Error(typeof message === 'string' ? message.slice(0, 200) : code), { code });
}

/** The caller's signal ended the request. */
export function cutOffFailure(caller: Caller, url: URL): RegistryFailure {
  return new RegistryFailure(caller.name, url.host, {
    reason: 'timeout',
    message: `The work with ${url.host} was ended before it was done: its time is over, or nobody waits for it any more.`,
    hint: 'Try again later; if it stays so, ask for less at a time.',
    cutOff: true,
  });
}

/** The time of a whole request is over. */
export function overdueFailure(caller: Caller, url: URL, budgetMs: number, answering: boolean): RegistryFailure {
  const what = answering ? 'did not end its answer' : 'did not answer';
  return new RegistryFailure(caller.name, url.host, {
    ...slow(`${what} within ${Math.max(1, Math.round(budgetMs / 1000))} s`)(url.host),
  });
}

const isDisconnection = (code: string): boolean => ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_ABORTED'].includes(code);

function byKind(code: string): Explain {
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_')) return notHttp;
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code.includes('CERT')) {
    return (host) => ({ ...untrusted('was not accepted')(host), message: `TLS with ${host} failed (${code}).` });
  }
  return (host) => ({ ...refusedTo(`cannot be reached (${code})`)(host) });
}

interface ErrorParts {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  cause?: ErrorParts;
  errors?: ErrorParts[];
}

/** Errors wrap each other: of several addresses, of the socket, of the client library. */
function codeOf(error: unknown): string {
  const { name, code, message, cause, errors } = (error ?? {}) as ErrorParts;
  // The library has no code of its own for a change of protocols that nobody asked for.
  if (code === 'UND_ERR_SOCKET' && message === 'bad upgrade') return 'HPE_UNEXPECTED_UPGRADE';
  if (name === 'HTTPParserError') return 'HPE_UNREADABLE';
  if (cause && (code === undefined || code === 'UND_ERR_SOCKET')) {
    const inner = codeOf(cause);
    if (inner !== 'UNKNOWN') return inner;
  }
  if (typeof code === 'string') return code;
  return errors?.[0] === undefined ? 'UNKNOWN' : codeOf(errors[0]);
}
