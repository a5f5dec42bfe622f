import type { ListedTag, Listing, RegistryAccess } from '../../integrations/oci/client';
import { OptionalRefused } from '../../integrations/oci/failure';
import type { OutsideReadContext } from '../handler';
import { mostListed } from './liveLists';
import { askRegistry } from './upstream';

/** The tags of a repository, to the end of the list or to its cap; as they were within the last minute. */
export function liveTags(context: OutsideReadContext, access: RegistryAccess, path: string): Promise<Listing<ListedTag>> {
  const { registryClient, liveLists, requestId } = context;
  const most = mostListed(context.settings());
  return askRegistry(context, access, path, () =>
    liveLists.read(`${access.key} tags ${most} ${path}`, context.signal, (signal) =>
      registryClient.tags(access, path, { signal, requestId, most }),
    ),
  );
}

/**
 * Asks for the digests that a listing did not bring, of the given tags only. They are kept with the listing, so that a
 * page that is asked for again costs nothing. Under a nearly used up rate limit they stay unknown.
 */
export async function fillDigests(
  context: OutsideReadContext,
  access: RegistryAccess,
  path: string,
  tags: readonly ListedTag[],
): Promise<void> {
  const { registryClient, signal, requestId } = context;
  const fill = async (tag: ListedTag) => {
    const seen = await registryClient.manifest(access, path, tag.tag, { signal, requestId, optional: true });
    if (seen !== null && seen !== 'unchanged') tag.digest = seen.digest;
  };
  const unknown = tags.filter(({ digest }) => digest === null);
  await askRegistry(context, access, path, () =>
    eachOf(unknown, 8, (tag) => fill(tag)).catch((error: unknown) => {
      if (!(error instanceof OptionalRefused)) throw error;
    }),
  );
}

/**
 * Some at a time, until one fails: the limit of requests is kept by the client, this one only bounds what waits there.
 */
async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items].reverse();
  const worker = async () => {
    for (let item = rest.pop(); item !== undefined; item = rest.pop()) await work(item);
  };
  const stop = (error: unknown) => {
    rest.length = 0;
    throw error;
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, () => worker().catch(stop)));
}
