import { type LoopbackServer, type SeenRequest, type StandInAnswer, startLoopbackServer } from './loopbackServer';

/** Answers as Docker Hub's own API does: login, repositories of a namespace, tags of a repository. */

export interface HubTag {
  name: string;
  digest?: unknown;
  full_size?: unknown;
  last_updated?: unknown;
  tag_last_pushed?: unknown;
}

export interface HubAccount {
  username: string;
  password: string;
  accessTokens: string[];
  secondFactor: boolean;
}

export interface FakeDockerHub extends LoopbackServer {
  /** By username. */
  accounts: Map<string, HubAccount>;
  /** By `namespace/repository`. */
  repositories: Map<string, { private: boolean; tags: HubTag[] }>;
  /** Where accounts log in; stand-ins of the older kind have the older one only. */
  loginPaths: Set<string>;
  /** Lifetime of the tokens that are issued from now on. */
  tokenSeconds: number;
  /** All that were ever issued. */
  issued: string[];
  /** No token that was issued so far is accepted any more. */
  revokeAll(): void;
  /** Requests for a path that ends so. */
  count(pathEnd: string): number;
}

const notFound: StandInAnswer = { status: 404, body: { message: 'object not found', errinfo: {} } };
const unauthorized: StandInAnswer = { status: 401, body: { message: 'unauthorized', errinfo: {} } };

export async function startFakeDockerHub(): Promise<FakeDockerHub> {
  const valid = new Map<string, { username: string; endsAtMs: number }>();
  const server = (await startLoopbackServer((request, url) => answer(hub, valid, request, url))) as FakeDockerHub;
  const hub: FakeDockerHub = Object.assign(server, {
    accounts: new Map(),
    repositories: new Map(),
    loginPaths: new Set(['/v2/auth/token', '/v2/users/login']),
    tokenSeconds: 600,
    issued: [],
    revokeAll: () => valid.clear(),
    count: (pathEnd: string) => server.requests.filter(({ path }) => path.endsWith(pathEnd)).length,
  });
  return hub;
}

type Valid = Map<string, { username: string; endsAtMs: number }>;

function answer(hub: FakeDockerHub, valid: Valid, request: SeenRequest, url: string): StandInAnswer {
  if (request.method === 'POST' && hub.loginPaths.has(request.path)) return login(hub, valid, request);
  const bearer = /^Bearer (.+)$/.exec(request.authorization ?? '')?.[1];
  const session = bearer === undefined ? undefined : valid.get(bearer);
  if (bearer !== undefined && (!session || session.endsAtMs <= Date.now())) return unauthorized;
  const [, namespace, repository, tags] =
    /^\/v2\/namespaces\/([^/]+)\/repositories(?:\/([^/]+)\/(tags))?$/.exec(decodeURIComponent(request.path)) ?? [];
  if (request.method !== 'GET' || namespace === undefined) {
    return { status: 404, body: '<!doctype html><html><title>404 : Docker</title></html>' };
  }
  const sees = (name: string, isPrivate: boolean) => !isPrivate || session?.username === name.split('/')[0];
  if (tags !== undefined) {
    const found = hub.repositories.get(`${namespace}/${repository}`);
    return found && sees(namespace, found.private) ? paged(request, url, found.tags.map(tagBody)) : notFound;
  }
  const names = [...hub.repositories].filter(
    ([name, { private: hidden }]) => name.startsWith(`${namespace}/`) && sees(name, hidden),
  );
  const known = [...hub.repositories.keys()].some((name) => name.startsWith(`${namespace}/`)) || hub.accounts.has(namespace);
  if (!known) return notFound;
  return paged(
    request,
    url,
    names.map(([name, { private: hidden }]) => repositoryBody(name, hidden)),
  );
}

function login(hub: FakeDockerHub, valid: Valid, { path, body }: SeenRequest): StandInAnswer {
  const isNew = path === '/v2/auth/token';
  const [username, secret] = isNew ? [body?.identifier, body?.secret] : [body?.username, body?.password];
  if (typeof username !== 'string' || typeof secret !== 'string' || username === '' || secret === '') {
    return { status: 400, body: { message: 'identifier and secret are required', errinfo: {} } };
  }
  const account = hub.accounts.get(username);
  const byToken = account?.accessTokens.includes(secret) ?? false;
  if (!account || !(byToken || account.password === secret)) {
    return { status: 401, body: { detail: 'Incorrect authentication credentials' } };
  }
  if (account.secondFactor && !byToken) {
    return {
      status: 401,
      body: {
        detail: 'Require secondary authentication on MFA enabled account',
        login_2fa_token: `second-factor-of-${username}`,
      },
    };
  }
  const token = jwt(username, hub.tokenSeconds, hub.issued.length);
  hub.issued.push(token);
  valid.set(token, { username, endsAtMs: Date.now() + hub.tokenSeconds * 1000 });
  return { status: 200, body: isNew ? { access_token: token } : { token } };
}

function jwt(username: string, seconds: number, serial: number): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: username, jti: String(serial), iat: issuedAt, exp: issuedAt + seconds };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${part({ unsigned: serial })}`;
}

/** `page` and `page_size` (10, at most 100), and the address of the next page in the body. */
function paged(request: SeenRequest, url: string, all: object[]): StandInAnswer {
  const page = Number(request.query.get('page') ?? 1);
  const size = Math.min(Number(request.query.get('page_size') ?? 10), 100);
  const at = (number: number) => `${url}${request.path}?page=${number}&page_size=${size}`;
  if (page > 1 && (page - 1) * size >= all.length) return notFound;
  return {
    status: 200,
    body: {
      count: all.length,
      next: page * size < all.length ? at(page + 1) : null,
      previous: page > 1 ? at(page - 1) : null,
      results: all.slice((page - 1) * size, page * size),
    },
  };
}

function tagBody(tag: HubTag, index: number): object {
  return {
    creator: 7,
    id: index + 1,
    images: [
      {
        architecture: 'amd64',
        features: '',
        variant: null,
        digest: digestOf(900_000 + index),
        os: 'linux',
        size: 12_345,
        status: 'active',
      },
      {
        architecture: 'arm64',
        features: '',
        variant: 'v8',
        digest: digestOf(950_000 + index),
        os: 'linux',
        size: 12_300,
        status: 'active',
      },
    ],
    last_updated: '2026-01-01T00:00:00.123456Z',
    last_updater: 7,
    last_updater_username: 'robot',
    repository: 99,
    full_size: 12_345,
    v2: true,
    tag_status: 'active',
    tag_last_pulled: '2026-01-02T00:00:00.123456Z',
    media_type: 'application/vnd.oci.image.index.v1+json',
    content_type: 'image',
    ...tag,
  };
}

function repositoryBody(fullName: string, isPrivate: boolean): object {
  const [namespace, name] = fullName.split('/');
  return {
    name,
    namespace,
    repository_type: 'image',
    status: 1,
    status_description: 'active',
    description: '',
    is_private: isPrivate,
    star_count: 0,
    pull_count: 5,
    last_updated: '2026-01-01T00:00:00.123456Z',
    date_registered: '2025-01-01T00:00:00.123456Z',
    affiliation: 'owner',
    media_types: ['application/vnd.oci.image.index.v1+json'],
    content_types: ['image'],
  };
}

/** A well-formed digest for a number. */
export const digestOf = (number: number): string => `sha256:${number.toString(16).padStart(64, '0')}`;
