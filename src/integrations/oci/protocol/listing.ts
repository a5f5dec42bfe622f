import { isValidTag } from '../../../domain/images/reference';
import type { ListedRepository, ListedTag, Listing, ListingOptions } from '../access';
import { type Authentication, catalogScope, pingOf, pullScope, type Session } from '../auth/authentication';
import { CatalogUnsupported, RegistryFailure } from '../failure';
import { jsonOf, objectOf } from '../wire/body';
import type { WireAnswer } from '../wire/exchange';
import { isRepositoryPath, repositoryAt } from './endpoint';
import { nextPage } from './link';
import { statusFailure } from './statusFailure';

/** One page. A hundred thousand names of 80 letters. */
const mostBytes = 8 * 1024 * 1024;
/** Names that a registry is asked for at a time: what the distribution project's registry allows at most. */
const pageSize = 1000;
const mostEntries = 100_000;
/** Pages in a row that say nothing new. */
const mostEmptyPages = 5;

interface List {
  url: URL;
  scope: string;
  member: 'repositories' | 'tags';
  what: string;
  isValid(name: string): boolean;
}

/** Lists of the distribution protocol, followed to their end. */
export function createListing(authentication: Authentication) {
  async function repositories(session: Session, options: ListingOptions): Promise<Listing<ListedRepository>> {
    const prefix = session.access.repositoryPrefix?.replace(/^\/+|\/+$/g, '') ?? '';
    const found = await names(session, catalogOf(session), options);
    // The protocol cannot narrow the list.
    const own = found.entries.filter((name) => prefix === '' || name.startsWith(`${prefix}/`));
    return { entries: own.map((name) => ({ name, tagCount: null })), truncated: found.truncated };
  }

  async function tags(session: Session, path: string, options: ListingOptions): Promise<Listing<ListedTag>> {
    const { entries, truncated } = await names(session, tagsOf(session, path), options);
    return { entries: entries.map((tag) => ({ tag, digest: null, sizeBytes: null, updatedAt: null })), truncated };
  }

  async function names(session: Session, list: List, { most = mostEntries }: ListingOptions): Promise<Listing<string>> {
    const found = new Set<string>();
    const seen = new Set<string>();
    let url: URL | undefined = withPageSize(list.url, Math.min(pageSize, Math.max(most, 1)));
    let emptyPages = 0;
    while (url) {
      if (seen.has(url.href)) throw endless(session, url, list, 'comes back to a page that was already read');
      seen.add(url.href);
      const before = found.size;
      const page = await pageAt(session, list, url, seen.size === 1).catch((failure) => {
        if (found.size > 0 && isTimeUp(failure, session)) return undefined;
        throw failure;
      });
      if (!page) return { entries: [...found], truncated: true };
      for (const name of namesIn(page, session, list)) found.add(name);
      const next = nextPage(page.headers.link, page.url);
      if (found.size > most || (found.size === most && next)) return { entries: [...found].slice(0, most), truncated: true };
      emptyPages = found.size === before ? emptyPages + 1 : 0;
      if (next && emptyPages >= mostEmptyPages) throw endless(session, url, list, 'goes on without anything new');
      if (next === 'elsewhere') throw endless(session, url, list, 'goes on at another address, where nothing is asked for');
      url = next;
    }
    return { entries: [...found], truncated: false };
  }

  async function pageAt(session: Session, list: List, url: URL, isFirst: boolean): Promise<WireAnswer> {
    const request = { method: 'GET' as const, headers: { accept: 'application/json' }, mostBytes };
    let answer = await authentication.send(session, { ...request, url }, list.scope).catch(async (failure) => {
      // Token servers refuse the scope of the catalog to all but administrators, mostly by 401 or 403.
      const { status = 0 } = failure instanceof RegistryFailure ? failure.failure : {};
      if (list.member !== 'repositories' || (status !== 401 && status !== 403)) throw failure;
      await assertLetIn(session);
      throw catalogUnsupported(failure.failure.host, status, session);
    });
    // Some registries allow less names on a page, and say so.
    if (isFirst && answer.status === 400 && /PAGINATION_NUMBER_INVALID/.test(answer.body.toString('latin1'))) {
      answer = await authentication.send(session, { ...request, url: withPageSize(url, 100) }, list.scope);
    }
    if (answer.status === 200) return answer;
    if (list.member === 'repositories' && isUnsupported(answer.status)) {
      if (answer.status === 401) await assertLetIn(session);
      throw catalogUnsupported(answer.url.host, answer.status, session);
    }
    throw statusFailure(answer, session.caller, { what: list.what, access: session.access });
  }

  /** A refused catalog may be a matter of the catalog, or of credentials that nothing is shown to. */
  async function assertLetIn(session: Session): Promise<void> {
    const answer = await authentication.send(session, pingOf(session.endpoint), '');
    if (answer.status !== 401) return;
    throw statusFailure(answer, session.caller, { what: 'the list of repositories', access: session.access });
  }

  return { repositories, tags };
}

/** Whether a status at the catalog says that there is none, at least for this client. */
export const isUnsupported = (status: number): boolean => status === 404 || status === 405 || status === 401;

const catalogOf = ({ endpoint }: Session): List => ({
  url: new URL(`${endpoint.base}/v2/_catalog`),
  scope: catalogScope,
  member: 'repositories',
  what: 'the list of repositories',
  isValid: isRepositoryPath,
});

function tagsOf(session: Session, path: string): List {
  const { endpoint } = session;
  const repository = repositoryAt(session, path);
  return {
    url: new URL(`${endpoint.base}/v2/${repository}/tags/list`),
    scope: pullScope(repository),
    member: 'tags',
    what: `the repository ${repository}`,
    isValid: isValidTag,
  };
}

function withPageSize(url: URL, size: number): URL {
  const paged = new URL(url);
  paged.searchParams.set('n', String(size));
  return paged;
}

/**
 * The names on a page; what cannot be one is left out. `null` stands for an empty list; a page of entries of which none is
 * a name does not: whoever believed it would forget all tags.
 */
function namesIn(page: WireAnswer, session: Session, list: List): string[] {
  const names = objectOf(jsonOf(page, session.caller, `the list of ${list.member}`))?.[list.member];
  if (names === null) return [];
  if (Array.isArray(names)) {
    const valid = names.filter((name): name is string => typeof name === 'string' && list.isValid(name));
    if (valid.length > 0 || names.length === 0) return valid;
  }
  throw new RegistryFailure(session.caller.name, page.url.host, {
    reason: 'bad_response',
    message: `${page.url.host} answered without "${list.member}" that can be read.`,
    hint: 'Check registryUrl: this does not look like a registry.',
  });
}

/** The caller's time is over, but somebody still waits: what was read by then is of use. */
function isTimeUp(failure: unknown, { caller }: Session): boolean {
  return (
    failure instanceof RegistryFailure && failure.cutOff && (caller.signal?.reason as Error | undefined)?.name === 'TimeoutError'
  );
}

function endless(session: Session, url: URL, list: List, what: string): RegistryFailure {
  return new RegistryFailure(session.caller.name, url.host, {
    reason: 'bad_response',
    message: `The list of ${list.member} of ${url.host} ${what}.`,
    hint: 'Look at the Link headers that the registry, or a proxy in front of it, sends.',
  });
}

function catalogUnsupported(host: string, status: number, { caller }: Session): CatalogUnsupported {
  return new CatalogUnsupported(caller.name, host, {
    reason: status === 404 || status === 405 ? 'not_found' : 'forbidden',
    status,
    message: `${host} has no list of its repositories, or shows it to nobody (${status}).`,
    hint: 'Type the name of the repository: everything else works without the list.',
  });
}
