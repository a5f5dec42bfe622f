import type { AnswerFacts } from './commandTable';
import type { Outgoing, Service } from './service';
import { progress, type Terminal } from './terminal';

type Body = Record<string, any>;

/** The whole list, in the shape of its first page. */
export async function allPages(terminal: Terminal, service: Service, request: Outgoing, answer: AnswerFacts): Promise<Body> {
  const list = answer.list as string;
  const sized =
    answer.paging === 'pages' ? withQuery(request, 'per_page', '1000', false) : withQuery(request, 'limit', '1000', false);
  const first = (await (await service.ask(sized)).json()) as Body;
  const entries: unknown[] = [...first[list]];
  for (let next = following(sized, first); next; ) {
    progress(terminal, `${entries.length} of ${first.total ?? first.pagination?.total_results ?? '?'}`);
    const page = (await (await service.ask(next)).json()) as Body;
    for (const entry of page[list]) entries.push(entry);
    next = following(next, page);
  }
  const ended = answer.paging === 'pages' ? { pagination: { ...first.pagination, next: null } } : { nextCursor: null };
  return { ...first, ...ended, [list]: entries };
}

/** The request for the page behind this one. */
function following(request: Outgoing, page: Body): Outgoing | undefined {
  // Nothing goes with a cursor that the first page was skipped to.
  if (typeof page.nextCursor === 'string') return withQuery(withoutQuery(request, 'offset'), 'cursor', page.nextCursor, true);
  const href = page.pagination?.next?.href;
  // Of the link only the query is taken: its host is how the service sees itself, and gets no token.
  return typeof href === 'string' && URL.canParse(href)
    ? { ...request, path: pathOnly(request) + new URL(href).search }
    : undefined;
}

const pathOnly = ({ path }: Outgoing): string => path.split('?')[0] as string;
const pairsOf = ({ path }: Outgoing): string[] => path.split('?')[1]?.split('&').filter(Boolean) ?? [];
const named = (name: string) => (pair: string) => pair.split('=')[0] === name;

function withoutQuery(request: Outgoing, name: string): Outgoing {
  const kept = pairsOf(request).filter((pair) => !named(name)(pair));
  return { ...request, path: [pathOnly(request), kept.join('&')].filter(Boolean).join('?') };
}

function withQuery(request: Outgoing, name: string, value: string, replace: boolean): Outgoing {
  if (!replace && pairsOf(request).some(named(name))) return request;
  const rest = withoutQuery(request, name);
  const pairs = [...pairsOf(rest), `${name}=${encodeURIComponent(value)}`];
  return { ...request, path: `${pathOnly(request)}?${pairs.join('&')}` };
}
