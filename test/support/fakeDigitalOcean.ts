import { type LoopbackServer, type SeenRequest, type StandInAnswer, startLoopbackServer } from './loopbackServer';

/** Answers as DigitalOcean's account API does for container registries. */

export interface DigitalOceanTag {
  tag: string;
  manifest_digest?: unknown;
  compressed_size_bytes?: unknown;
  size_bytes?: unknown;
  updated_at?: unknown;
}

export interface FakeDigitalOcean extends LoopbackServer {
  /** Tokens that are accepted, with the right to read registries. */
  tokens: Set<string>;
  /** Tokens that are accepted, but not for registries. */
  tokensWithoutScope: Set<string>;
  /** Registry to repository to tags. */
  registries: Map<string, Map<string, DigitalOceanTag[]>>;
  /** How pages are named: with `links`, or only with a page number and `meta.total`. */
  links: boolean;
}

const unauthorized: StandInAnswer = { status: 401, body: { id: 'Unauthorized', message: 'Unable to authenticate you' } };
const forbidden: StandInAnswer = {
  status: 403,
  body: { id: 'forbidden', message: 'You are not authorized to perform this operation' },
};
const notFound = (message: string): StandInAnswer => ({ status: 404, body: { id: 'not_found', message } });

export async function startFakeDigitalOcean(): Promise<FakeDigitalOcean> {
  const server = (await startLoopbackServer((request, url) => answer(ocean, request, url))) as FakeDigitalOcean;
  const ocean: FakeDigitalOcean = Object.assign(server, {
    tokens: new Set<string>(),
    tokensWithoutScope: new Set<string>(),
    registries: new Map(),
    links: true,
  });
  return ocean;
}

function answer(ocean: FakeDigitalOcean, request: SeenRequest, url: string): StandInAnswer {
  const token = /^Bearer (.+)$/.exec(request.authorization ?? '')?.[1] ?? '';
  if (ocean.tokensWithoutScope.has(token)) return forbidden;
  if (!ocean.tokens.has(token)) return unauthorized;
  // The router sees path parts before they are decoded, so a repository with "/" is one part.
  const [, version, area, name = '', list, repository = '', tags] = request.path.split('/');
  if (request.method !== 'GET' || version !== 'v2' || area !== 'registry')
    return notFound('The resource you requested could not be found.');
  const registry = ocean.registries.get(decodeURIComponent(name));
  if (!registry) return notFound('registry does not exist');
  if (list === 'repositoriesV2' && repository === '') {
    return paged(
      ocean,
      request,
      url,
      'repositories',
      [...registry].map((entry) => repositoryBody(name, ...entry)),
    );
  }
  const found = list === 'repositories' && tags === 'tags' ? registry.get(decodeURIComponent(repository)) : undefined;
  if (!found) return notFound('repository not found');
  return paged(
    ocean,
    request,
    url,
    'tags',
    found.map((tag) => tagBody(name, decodeURIComponent(repository), tag)),
  );
}

/** `page` and `per_page` (20, at most 100); repositoriesV2 adds a page token to its links. */
function paged(ocean: FakeDigitalOcean, request: SeenRequest, url: string, member: string, all: object[]): StandInAnswer {
  const size = Math.min(Number(request.query.get('per_page') ?? 20), 100);
  const page = Number(request.query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const at = (number: number) => {
    const token = member === 'repositories' ? `&page_token=${Buffer.from(`offset ${number}`).toString('base64url')}` : '';
    return `${url}${request.path}?page=${number}${token}&per_page=${size}`;
  };
  const pages = {
    ...(page > 1 ? { first: at(1), prev: at(page - 1) } : {}),
    ...(page < last ? { next: at(page + 1), last: at(last) } : {}),
  };
  return {
    status: 200,
    headers: { 'ratelimit-limit': '5000', 'ratelimit-remaining': '4816', 'ratelimit-reset': '1893456000' },
    body: {
      [member]: all.slice((page - 1) * size, page * size),
      meta: { total: all.length },
      ...(ocean.links && last > 1 ? { links: { pages } } : {}),
    },
  };
}

function repositoryBody(registry: string, name: string, tags: DigitalOceanTag[]): object {
  return {
    registry_name: registry,
    name,
    tag_count: tags.length,
    manifest_count: tags.length,
    latest_manifest: {
      digest: tags[0]?.manifest_digest ?? `sha256:${'a'.repeat(64)}`,
      registry_name: registry,
      repository: name,
      compressed_size_bytes: 1_972_332,
      size_bytes: 2_816_445,
      updated_at: '2026-04-09T23:54:25Z',
      tags: tags.map(({ tag }) => tag),
      blobs: [{ digest: `sha256:${'b'.repeat(64)}`, compressed_size_bytes: 1471 }],
    },
  };
}

const tagBody = (registry: string, repository: string, tag: DigitalOceanTag): object => ({
  registry_name: registry,
  repository,
  compressed_size_bytes: 2_803_255,
  size_bytes: 5_861_888,
  updated_at: '2026-04-09T23:54:25Z',
  ...tag,
});
