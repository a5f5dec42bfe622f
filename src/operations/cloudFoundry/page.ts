import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import { compareTexts } from '../../domain/compareTexts';

interface Link {
  href: string;
}

/** One page of a list, with the way to the others. */
export interface V3Page<View> {
  pagination: {
    total_results: number;
    total_pages: number;
    first: Link;
    last: Link;
    next: Link | null;
    previous: Link | null;
  };
  resources: View[];
}

/** The envelope of a list. `path` is that of the request, such as /v3/apps; `included` is what `include` asked for. */
export function pageOf<View, Included extends object = never>(
  publicUrl: string,
  path: string,
  request: ListRequest,
  total: number,
  resources: View[],
  included?: Included,
): V3Page<View> & { included?: Included } {
  const { page, perPage } = request;
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (to: number): Link => ({ href: `${publicUrl}${path}?${queryOf(request, to)}` });
  return {
    pagination: {
      total_results: total,
      total_pages: last,
      first: link(1),
      last: link(last),
      next: page < last ? link(page + 1) : null,
      // From beyond the end the way back leads to the last page there is.
      previous: page > 1 ? link(Math.min(page - 1, last)) : null,
    },
    resources,
    ...(included === undefined ? {} : { included }),
  };
}

function queryOf({ carried, perPage }: ListRequest, page: number): string {
  const parameters: Record<string, string> = { ...carried, page: String(page), per_page: String(perPage) };
  return Object.keys(parameters)
    .sort(compareTexts)
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(parameters[name] as string)}`)
    .join('&');
}
