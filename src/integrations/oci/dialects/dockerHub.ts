import { hubPath, isValidDigest, isValidTag } from '../../../domain/images/reference';
import type { ListedRepository, ListedTag, Listing, ListingOptions, RegistryAccess } from '../access';
import { OptionalRefused, RegistryFailure } from '../failure';
import { objectOf } from '../wire/body';
import type { ApiAnswer, ApiCall } from './apiCall';
import { type ApiPage, apiFailure, asCount, asTime, entriesIn, isPlainPath, readPages } from './apiListing';
import { createHubLogins } from './dockerHubLogin';

/** The lists of Docker Hub's own API, which hold digests, sizes and times. */
export interface DockerHub {
  /** Of the namespace in `repositoryPrefix`, else of the user's own. */
  repositories(access: RegistryAccess, options?: ListingOptions): Promise<Listing<ListedRepository>>;
  /** Null when this API does not serve the repository: the distribution protocol may. */
  tags(access: RegistryAccess, path: string, options?: ListingOptions): Promise<Listing<ListedTag> | null>;
  forget(accessKey: string): void;
}

const pageSize = 100;
/** How long an API that cannot be reached is not tried again for tags: each try would cost its timeouts. */
const awayMs = 60_000;

const unreachable: readonly string[] = ['dns', 'tls', 'connection_refused', 'timeout'];

export function createDockerHub(call: ApiCall, apiUrl: string, nowMs: () => number = Date.now): DockerHub {
  const base = apiUrl.replace(/\/+$/, '');
  const logins = createHubLogins(call, base, nowMs);
  let awayUntilMs = 0;

  /** With the access' token; a token that was refused is replaced once. */
  async function ask(access: RegistryAccess, url: string, options: ListingOptions): Promise<ApiAnswer> {
    const { signal, requestId, optional, onRequest } = options;
    for (let attempt = 1; ; attempt++) {
      const bearer = await logins.bearerOf(access, { signal, requestId });
      const answer = await call({ url, bearer, signal, requestId, optional, onRequest, access });
      if (answer.status !== 401 || bearer === null || attempt === 2) return answer;
      logins.drop(access.key, bearer);
    }
  }

  async function list<T>(
    access: RegistryAccess,
    options: ListingOptions,
    parts: { path: string; read(entry: Record<string, unknown>): T | undefined; keyOf(entry: T): string; namespace: string },
  ): Promise<Listing<T>> {
    const odd = (message: string, status?: number) =>
      apiFailure(access, base, {
        reason: 'bad_response',
        message: `The API of Docker Hub ${message}.`,
        hint: 'Check that nothing between Portolan and Docker Hub changes its answers, or try again later.',
        status,
      });
    return readPages<T>({
      first: `${base}${parts.path}?page=1&page_size=${pageSize}`,
      most: options.most,
      keyOf: parts.keyOf,
      odd,
      async page(url): Promise<ApiPage<T>> {
        const answer = await ask(access, url, options);
        if (answer.status !== 200) throw failureOf(access, base, answer, parts.namespace) ?? odd('failed', answer.status);
        const page = entriesIn(answer.body, 'results', parts.read);
        if (!page) throw odd('answers with something that is no list', answer.status);
        return { ...page, next: objectOf(answer.body)?.next };
      },
    });
  }

  return {
    async repositories(access, options = {}) {
      const namespace = namespaceOf(access);
      if (!isPlainPath(namespace)) throw noNamespace(access, base);
      return list<ListedRepository>(access, options, {
        path: `/v2/namespaces/${encodeURIComponent(namespace)}/repositories`,
        read: ({ name }) =>
          typeof name === 'string' && isPlainPath(name) ? { name: `${namespace}/${name}`, tagCount: null } : undefined,
        keyOf: ({ name }) => name,
        namespace,
      });
    },

    async tags(access, path, options = {}) {
      const parts = hubPath(path).split('/');
      const [namespace = '', repository = ''] = parts;
      // Docker Hub itself has no deeper names; a mirror that is used in its place may.
      if (parts.length !== 2 || !isPlainPath(hubPath(path)) || nowMs() < awayUntilMs) return null;
      try {
        return await list<ListedTag>(access, options, {
          path: `/v2/namespaces/${encodeURIComponent(namespace)}/repositories/${encodeURIComponent(repository)}/tags`,
          read: tagOf,
          keyOf: ({ tag }) => tag,
          namespace,
        });
      } catch (error) {
        if (!protocolMayServe(error)) throw error;
        if (unreachable.includes(error.failure.reason)) awayUntilMs = nowMs() + awayMs;
        return null;
      }
    },

    forget: (accessKey) => logins.forget(accessKey),
  };
}

/** Wrong credentials and limits are the same there; everything else is this API's own trouble. */
function protocolMayServe(error: unknown): error is RegistryFailure {
  if (!(error instanceof RegistryFailure) || error instanceof OptionalRefused || error.cutOff) return false;
  const { reason, status = 0 } = error.failure;
  return reason === 'rate_limited' ? status >= 500 : reason !== 'unauthorized';
}

/** Docker Hub's namespaces have one part. */
function namespaceOf({ repositoryPrefix, username }: RegistryAccess): string {
  const [namespace = ''] = (repositoryPrefix ?? '').replace(/^\/+/, '').split('/');
  return namespace || (username ?? '').toLowerCase();
}

function tagOf({ name, digest, ...entry }: Record<string, unknown>): ListedTag | undefined {
  if (typeof name !== 'string' || !isValidTag(name)) return undefined;
  return {
    tag: name,
    // Old tags have none. `images` names the manifests of platforms, which are not what the tag points at.
    digest: typeof digest === 'string' && isValidDigest(digest) ? digest : null,
    sizeBytes: asCount(entry.full_size),
    updatedAt: asTime(entry.tag_last_pushed) ?? asTime(entry.last_updated),
  };
}

/** What a status means; undefined for those that no client can mend. */
function failureOf(access: RegistryAccess, base: string, { status }: ApiAnswer, namespace: string): RegistryFailure | undefined {
  const anonymous = !access.username || !(access.password || access.token);
  if (status === 401) {
    return apiFailure(access, base, {
      reason: 'unauthorized',
      status,
      message: anonymous
        ? 'Docker Hub shows this only to those who log in.'
        : 'Docker Hub does not accept the token of its own login.',
      hint: anonymous
        ? 'Set username and password, or an access token as password.'
        : 'Log out other sessions of this account, or create a new access token.',
    });
  }
  if (status === 403) {
    return apiFailure(access, base, {
      reason: 'forbidden',
      status,
      message: `Docker Hub does not show "${namespace}" to this account.`,
      hint: 'Ask its owner for read access, or use an access token with the right to read.',
    });
  }
  if (status !== 404) return undefined;
  return apiFailure(access, base, {
    reason: 'not_found',
    status,
    message: `Docker Hub has no namespace "${namespace}" for this account.`,
    hint: 'Set repositoryPrefix to a user or organization at Docker Hub.',
  });
}

function noNamespace(access: RegistryAccess, base: string): RegistryFailure {
  return apiFailure(access, base, {
    reason: 'not_found',
    message: 'Docker Hub lists repositories by namespace only, and none is named.',
    hint: 'Set repositoryPrefix to a user or organization at Docker Hub, or set username.',
  });
}
