import type { ConnectionCheck } from '../access';
import { type Authentication, catalogScope, pingOf, pullScope, type Session } from '../auth/authentication';
import { type Challenge, chooseChallenge, parseChallenges } from '../auth/challenge';
import { basicHeader } from '../auth/credentials';
import { CatalogUnsupported, RegistryFailure } from '../failure';
import { headerOf, type WireAnswer, type WireRequest } from '../wire/exchange';
import type { Send } from '../wire/pacing';
import { repositoryAt } from './endpoint';
import { isUnsupported } from './listing';
import { statusFailure } from './statusFailure';

export interface TestParts {
  send: Send;
  authentication: Authentication;
  /** Lists of an API beside the protocol; throws as `repositories` of the client does. */
  listed(session: Session): Promise<unknown>;
}

/** What a check found out, in words. It throws RegistryFailure when the check fails. */
type Check = () => Promise<string>;

/**
 * Tests a connection step by step; the first failing check decides, later ones are skipped.
 *
 * A catalog that answers 401, 403, 404 or 405 fails no test: GHCR, GitLab, Quay, ECR and most accounts of Harbor have none or
 * show none to those who may well pull. What the test then rests on is the authenticated answer before it: `/v2/` was
 * answered to these credentials, or a token was issued to them. The rights of one repository are tested by naming it.
 */
export function createConnectionTest({ send, authentication, listed }: TestParts) {
  return async function test(session: Session, repository: string | null) {
    let ping: WireAnswer | undefined;
    const steps: [ConnectionCheck['name'], Check][] = [
      [
        'dns_tls',
        async () => {
          ping = await send(pingOf(session.endpoint), session.caller).catch(afterConnecting);
          return session.endpoint.origin.protocol === 'http:'
            ? `Connected to ${session.endpoint.host}, without TLS as registryUrl says.`
            : `Connected to ${session.endpoint.host}; its certificate is valid.`;
        },
      ],
      [
        'api_version',
        async () => {
          ping ??= await send(pingOf(session.endpoint), session.caller);
          return speaksProtocol(session, ping);
        },
      ],
      ['authentication', () => authenticated(session, ping as WireAnswer)],
      repository === null ? ['catalog', () => catalog(session)] : ['repository', () => readable(session, repository)],
    ];
    return inOrder(steps);
  };

  async function authenticated(session: Session, ping: WireAnswer): Promise<string> {
    const { access, credentials, endpoint } = session;
    const { host } = endpoint;
    if (ping.status === 403) throw statusFailure(ping, session.caller, { what: 'the registry', access });
    const challenge = ping.status === 401 ? challengeIn(ping) : null;
    if (challenge === undefined && credentials.kind !== 'bearer') throw noChallenge(session, ping);
    if (credentials.kind === 'none') {
      if (challenge?.scheme === 'bearer') {
        await authentication.token(session, challenge, '');
        return `${host} gives tokens to anonymous clients.`;
      }
      if (challenge) throw statusFailure(ping, session.caller, { what: 'its content', access });
      return `${host} answers anonymous clients.`;
    }
    if (challenge === null) return unasked(session);
    const answer = await authentication.send(session, pingOf(endpoint), '');
    if (answer.status !== 200) throw statusFailure(answer, session.caller, { what: 'the registry', access });
    return `${host} accepts the credentials.`;
  }

  /** The registry answers everybody at `/v2/`. One that looks at credentials nevertheless refuses wrong ones. */
  async function unasked(session: Session): Promise<string> {
    const { access, credentials, endpoint, caller } = session;
    const header = credentials.kind === 'basic' ? basicHeader(credentials.username, credentials.password) : bearerHeader(session);
    const request: WireRequest = { ...pingOf(endpoint), headers: { accept: 'application/json', authorization: header } };
    const answer = await send(request, caller);
    if (answer.status !== 200) throw statusFailure(answer, caller, { what: 'the registry', access });
    return `${endpoint.host} answers; it asks nobody for credentials, so that these may not have been looked at.`;
  }

  async function catalog(session: Session): Promise<string> {
    const { access, endpoint, caller } = session;
    if (endpoint.dialect !== 'protocol') {
      try {
        await listed(session);
        return `${endpoint.host} lists its repositories.`;
      } catch (error) {
        if (error instanceof CatalogUnsupported || isWithoutNamespace(session)) return uncatalogued(endpoint.host);
        throw error;
      }
    }
    const request: WireRequest = {
      method: 'GET',
      url: new URL(`${endpoint.base}/v2/_catalog?n=1`),
      headers: { accept: 'application/json' },
      // Some registries ignore the size that was asked for.
      mostBytes: 8 * 1024 * 1024,
    };
    const answer = await authentication.send(session, request, catalogScope).catch((error) => {
      // Token servers refuse this scope to all but administrators, mostly by 401 or 403.
      if (error instanceof RegistryFailure && isUnsupported(error.failure.status ?? 0)) return undefined;
      if (error instanceof RegistryFailure && error.failure.status === 403) return undefined;
      throw error;
    });
    if (!answer || isUnsupported(answer.status) || answer.status === 403) return uncatalogued(endpoint.host);
    if (answer.status !== 200) throw statusFailure(answer, caller, { what: 'the list of repositories', access });
    return `${endpoint.host} lists its repositories.`;
  }

  async function readable(session: Session, path: string): Promise<string> {
    const { access, endpoint, caller } = session;
    const repository = repositoryAt(session, path);
    const request: WireRequest = {
      method: 'GET',
      url: new URL(`${endpoint.base}/v2/${repository}/tags/list?n=1`),
      headers: { accept: 'application/json' },
      mostBytes: 8 * 1024 * 1024,
    };
    const answer = await authentication.send(session, request, pullScope(repository));
    if (answer.status === 200) return `The tags of ${repository} can be read.`;
    throw statusFailure(answer, caller, { what: `the repository ${repository}`, access });
  }
}

/** Docker Hub lists by namespace: an anonymous connection without one has nothing to list, and is well. */
const isWithoutNamespace = ({ endpoint, access }: Session): boolean =>
  endpoint.dialect === 'dockerhub' && !access.repositoryPrefix && !access.username;

const uncatalogued = (host: string): string =>
  `${host} shows no list of its repositories; name a repository to test the right to pull it.`;

const challengeIn = (answer: WireAnswer): Challenge | undefined =>
  chooseChallenge(parseChallenges(answer.headers['www-authenticate']));

const bearerHeader = ({ credentials }: Session): string => (credentials.kind === 'bearer' ? `Bearer ${credentials.token}` : '');

/** The result for settings that lead to no endpoint. */
export const untested = (failure: RegistryFailure, repository: string | null) =>
  inOrder(
    (['dns_tls', 'api_version', 'authentication', repository === null ? 'catalog' : 'repository'] as const).map((name) => [
      name,
      () => Promise.reject(failure),
    ]),
  );

async function inOrder(steps: [ConnectionCheck['name'], Check][]) {
  const checks: ConnectionCheck[] = [];
  let failure: RegistryFailure | null = null;
  for (const [name, check] of steps) {
    if (failure) {
      checks.push({ name, ok: false, skipped: true, message: 'Skipped, because an earlier check failed.', durationMs: 0 });
      continue;
    }
    const startedAt = performance.now();
    try {
      checks.push({ name, ok: true, message: await check(), durationMs: since(startedAt) });
    } catch (error) {
      if (!(error instanceof RegistryFailure)) throw error;
      failure = error;
      checks.push({ name, ok: false, message: error.message, durationMs: since(startedAt) });
    }
  }
  return { checks, failure };
}

const since = (startedAt: number): number => Math.round(performance.now() - startedAt);

/** Whatever went wrong behind a connection is the next check's business, which asks again. */
function afterConnecting(error: unknown): undefined {
  if (error instanceof RegistryFailure && error.connected && !error.cutOff) return undefined;
  throw error;
}

function speaksProtocol({ caller, endpoint, access }: Session, ping: WireAnswer): string {
  const { status } = ping;
  const says = headerOf(ping.headers, 'docker-distribution-api-version') !== undefined;
  const isPage = /html/i.test(headerOf(ping.headers, 'content-type') ?? '') || /^\s*</.test(ping.body.toString('latin1', 0, 50));
  if (status === 401 || status === 403 || (status === 200 && (says || !isPage))) return `${endpoint.host} speaks the protocol.`;
  if (status !== 200 && status !== 404 && status !== 405) throw statusFailure(ping, caller, { what: '/v2/', access });
  throw new RegistryFailure(caller.name, ping.url.host, {
    reason: 'bad_response',
    status,
    message: `${endpoint.host} does not speak the distribution protocol: /v2/ answers ${isPage ? 'a web page' : status}.`,
    hint: 'Check host, port and path of registryUrl: this is no registry, or a proxy stands in front of it.',
  });
}

function noChallenge(session: Session, ping: WireAnswer): RegistryFailure {
  return new RegistryFailure(session.caller.name, ping.url.host, {
    reason: 'unauthorized',
    status: ping.status,
    message: `${ping.url.host} asks for credentials, but not in a way that Portolan understands: neither Basic nor Bearer.`,
    hint: 'Check the WWW-Authenticate header that the registry, or a proxy in front of it, sends.',
  });
}
