import type { TagFilter } from '../../domain/images/tagFilter';
import { tagsToLookUp } from '../../domain/images/tagsToLookUp';
import type { ListedTag, ManifestFacts, RegistryAccess } from '../../integrations/oci/access';
import type { RegistryClient } from '../../integrations/oci/client';
import { OptionalRefused, RegistryFailure } from '../../integrations/oci/failure';
import type { StoredDigest } from '../../store/imageWalks';
import { eachOf } from '../eachOf';
import type { ImageReading, SeenTag } from './sightings';

export interface ReadParts {
  client: RegistryClient;
  access: RegistryAccess;
  /** Below the host. */
  path: string;
  filter: TagFilter;
  stored: readonly StoredDigest[];
  /** Tags that are looked up at most. */
  maxTags: number;
  /** Requests of one image at a time. */
  concurrency: number;
  signal: AbortSignal;
  requestId: string | undefined;
  /** Runs for each request that is sent. */
  onRequest(): void;
}

export interface ReadResult extends ImageReading {
  /** Why something of the image was left out; null = everything was read. */
  gap: { reason: string; message: string } | null;
}

/** Tags that are read of a list before it is called endless. */
const listedPerTag = 10;

/**
 * Reads what an image has now: its tags, what each eligible one points at, and about new digests what their manifests say.
 * A single tag that cannot be read leaves a gap; whatever concerns the whole repository is thrown.
 */
export async function readImage(parts: ReadParts): Promise<ReadResult> {
  const { client, access, path, maxTags, signal, requestId, onRequest } = parts;
  const list = await client.tags(access, path, { signal, requestId, onRequest, most: maxTags * listedPerTag });
  const listed = new Map(list.entries.map((entry) => [entry.tag, entry]));
  const { tags, cut } = tagsToLookUp(parts.filter, [...listed.keys()], maxTags);
  const looked = await lookUp(parts, tags, listed);
  const { facts, unreadable } = await readFacts(parts, looked.seen);
  const gap = looked.gap ?? (list.truncated || cut ? cutGap(list.truncated ? maxTags * listedPerTag : maxTags) : null);
  return {
    listed: new Set(listed.keys()),
    truncated: list.truncated,
    seen: looked.seen,
    facts,
    unreadable,
    gap,
  };
}

const cutGap = (most: number) => ({
  reason: 'truncated',
  message: `The repository has more tags than are read (${most}); REGISTRY_MAX_TAGS raises the limit, a narrower tagFilter helps too.`,
});

async function lookUp({ client, access, path, ...parts }: ReadParts, tags: readonly string[], listed: Map<string, ListedTag>) {
  const { signal, requestId, onRequest, concurrency } = parts;
  const byTag = new Map(parts.stored.flatMap((digest) => digest.tags.map((tag) => [tag, digest] as const)));
  const seen = new Map<string, SeenTag | null>();
  let gap: ReadResult['gap'] = null;
  await eachOf(tags, concurrency, async (tag) => {
    const { digest, updatedAt = null } = listed.get(tag) ?? {};
    if (digest) return void seen.set(tag, { digest, etag: null, mediaType: null, pushedAt: updatedAt });
    const known = byTag.get(tag);
    try {
      const manifest = await client.manifest(access, path, tag, { signal, requestId, onRequest, etag: known?.etag ?? null });
      if (manifest !== 'unchanged') seen.set(tag, manifest && { ...manifest, pushedAt: updatedAt });
      else if (known) seen.set(tag, { digest: known.digest, etag: known.etag, mediaType: null, pushedAt: updatedAt });
    } catch (error) {
      if (!concernsOneManifest(error)) throw error;
      gap ??= { reason: error.failure.reason, message: `${tag}: ${error.failure.message}` };
    }
  });
  return { seen, gap };
}

/** Whether an answer says something about one manifest only, and not about the registry or the repository. */
function concernsOneManifest(error: unknown): error is RegistryFailure {
  if (!(error instanceof RegistryFailure) || error.cutOff) return false;
  const { reason, status = 0 } = error.failure;
  return (reason === 'bad_response' && status < 500) || reason === 'not_found';
}

/** Manifests and configs of digests that are new; they can wait, so that a registry that has had enough is left alone. */
async function readFacts({ client, access, path, ...parts }: ReadParts, seen: ReadonlyMap<string, SeenTag | null>) {
  const { signal, requestId, onRequest, concurrency } = parts;
  const known = new Set(parts.stored.filter((digest) => digest.hasFacts).map((digest) => digest.digest));
  const wanted = [...new Set([...seen.values()].flatMap((tag) => (tag && !known.has(tag.digest) ? tag.digest : [])))];
  const facts = new Map<string, ManifestFacts>();
  const unreadable = new Set<string>();
  let enough = false;
  await eachOf(wanted, concurrency, async (digest) => {
    if (enough) return;
    try {
      facts.set(digest, await client.manifestFacts(access, path, digest, { signal, requestId, onRequest, optional: true }));
    } catch (error) {
      if (!(error instanceof RegistryFailure) || error.cutOff) throw error;
      if (concernsOneManifest(error) && !(error instanceof OptionalRefused)) unreadable.add(digest);
      else enough = true;
    }
  });
  return { facts, unreadable };
}
