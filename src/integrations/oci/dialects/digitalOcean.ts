import { isValidDigest, isValidTag } from '../../../domain/images/reference';
import type { ListedRepository, ListedTag, Listing, ListingOptions, RegistryAccess } from '../access';
import type { RegistryFailure } from '../failure';
import { objectOf } from '../wire/body';
import type { ApiAnswer, ApiCall } from './apiCall';
import { type ApiPage, apiFailure, asCount, asTime, entriesIn, isPlainPath, readPages } from './apiListing';

/** The lists of DigitalOcean's account API, which hold tag counts, digests, sizes and times. */
export interface DigitalOcean {
  /** Of the registry that `repositoryPrefix` begins with. */
  repositories(access: RegistryAccess, options?: ListingOptions): Promise<Listing<ListedRepository>>;
  /** `path` is registry and repository. */
  tags(access: RegistryAccess, path: string, options?: ListingOptions): Promise<Listing<ListedTag>>;
  forget(accessKey: string): void;
}

/** What a 404 means. */
interface Missing {
  message: string;
  hint: string;
}

const perPage = 100;

export function createDigitalOcean(call: ApiCall, apiUrl: string): DigitalOcean {
  const base = apiUrl.replace(/\/+$/, '');

  async function list<T>(
    access: RegistryAccess,
    options: ListingOptions,
    parts: {
      path: string;
      read(body: unknown): { entries: T[]; given: number } | undefined;
      keyOf(entry: T): string;
      takes?(entry: T): boolean;
      missing: Missing;
    },
  ): Promise<Listing<T>> {
    const { signal, requestId, optional, onRequest, most } = options;
    const bearer = access.token || access.password;
    const odd = (message: string, status?: number) =>
      apiFailure(access, base, {
        reason: 'bad_response',
        message: `The API of DigitalOcean ${message}.`,
        hint: 'Check that nothing between Portolan and the API changes its answers, or try again later.',
        status,
      });
    return readPages<T>({
      first: `${base}${parts.path}?page=1&per_page=${perPage}`,
      most,
      keyOf: parts.keyOf,
      ...(parts.takes ? { takes: parts.takes } : {}),
      odd,
      async page(url, givenBefore): Promise<ApiPage<T>> {
        const answer = await call({ url, bearer, signal, requestId, optional, onRequest, access });
        if (answer.status !== 200) throw failureOf(access, url, answer, parts.missing) ?? odd('failed', answer.status);
        const page = parts.read(answer.body);
        if (!page) throw odd('answers with something that is no list', answer.status);
        return { ...page, next: nextPage(url, answer.body, givenBefore, page.given) };
      },
    });
  }

  return {
    async repositories(access, options = {}) {
      const prefix = prefixOf(access);
      const [registry = ''] = prefix.split('/');
      if (!isPlainPath(registry)) throw noRegistry(access, base);
      return list<ListedRepository>(access, options, {
        path: `/v2/registry/${encodeURIComponent(registry)}/repositoriesV2`,
        read: (body) => entriesIn(body, 'repositories', (entry) => repositoryOf(registry, entry)),
        keyOf: ({ name }) => name,
        takes: ({ name }) => name.startsWith(`${prefix}/`),
        missing: missingRegistry(registry),
      });
    },

    async tags(access, path, options = {}) {
      const whole = path.includes('/') ? path : `${prefixOf(access)}/${path}`;
      if (!isPlainPath(whole)) throw noRegistry(access, base);
      const [registry = '', ...rest] = whole.split('/');
      const repository = rest.join('/');
      return list<ListedTag>(access, options, {
        path: `/v2/registry/${encodeURIComponent(registry)}/repositories/${encodeURIComponent(repository)}/tags`,
        read: (body) => entriesIn(body, 'tags', tagOf),
        keyOf: ({ tag }) => tag,
        missing: missingRepository(registry, repository),
      });
    },

    // The connection's own token is sent: nothing is kept.
    forget() {},
  };
}

const prefixOf = (access: RegistryAccess): string => (access.repositoryPrefix ?? '').replace(/^\/+|\/+$/g, '');

function repositoryOf(registry: string, { name, tag_count: tagCount }: Record<string, unknown>): ListedRepository | undefined {
  if (typeof name !== 'string' || !isPlainPath(name)) return undefined;
  return { name: `${registry}/${name}`, tagCount: asCount(tagCount) };
}

function tagOf({ tag, manifest_digest: digest, ...entry }: Record<string, unknown>): ListedTag | undefined {
  if (typeof tag !== 'string' || !isValidTag(tag)) return undefined;
  return {
    tag,
    digest: typeof digest === 'string' && isValidDigest(digest) ? digest : null,
    sizeBytes: asCount(entry.compressed_size_bytes),
    updatedAt: asTime(entry.updated_at),
  };
}

/** The link to the next page; without links, the next page number as long as `meta.total` promises more. */
function nextPage(url: string, body: unknown, givenBefore: number, given: number): unknown {
  const { links, meta } = objectOf(body) ?? {};
  const next = objectOf(objectOf(links)?.pages)?.next;
  if (next !== undefined && next !== null) return next;
  const here = new URL(url);
  const total = asCount(objectOf(meta)?.total);
  if (links !== undefined || total === null || given === 0 || givenBefore + given >= total) return null;
  here.searchParams.set('page', String(Number(here.searchParams.get('page')) + 1));
  return here.href;
}

/** What a status means; undefined for those that no client can mend. */
function failureOf(access: RegistryAccess, url: string, { status }: ApiAnswer, missing: Missing): RegistryFailure | undefined {
  if (status === 401) {
    return apiFailure(access, url, {
      reason: 'unauthorized',
      status,
      message: 'DigitalOcean does not accept the token.',
      hint: 'It is wrong, expired or revoked. Create a token under API in the DigitalOcean console and store it in token.',
    });
  }
  if (status === 403) {
    return apiFailure(access, url, {
      reason: 'forbidden',
      status,
      message: 'The token may not read this registry of DigitalOcean.',
      hint: 'Give the token the scope registry:read, or use a token of the team that owns the registry.',
    });
  }
  return status === 404 ? apiFailure(access, url, { reason: 'not_found', status, ...missing }) : undefined;
}

function noRegistry(access: RegistryAccess, base: string): RegistryFailure {
  return apiFailure(access, base, {
    reason: 'not_found',
    message: 'No registry of DigitalOcean is named.',
    hint: 'Set repositoryPrefix to the name of the registry.',
  });
}

const missingRegistry = (registry: string): Missing => ({
  message: `DigitalOcean has no registry "${registry}" for this token.`,
  hint: 'Set repositoryPrefix to the name of the registry, and use a token of the team that owns it.',
});

const missingRepository = (registry: string, repository: string): Missing => ({
  message: `DigitalOcean has no repository "${repository}" in the registry "${registry}".`,
  hint: 'Check the name; its first part must be the registry, which repositoryPrefix names.',
});
