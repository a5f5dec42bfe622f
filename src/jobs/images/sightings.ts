import { uuidv7 } from 'uuidv7';
import type { ManifestFacts } from '../../integrations/oci/access';
import type { Sighting } from '../../store/imageSightings';
import type { StoredDigest } from '../../store/imageWalks';

/** The manifest that a tag points at now. */
export interface SeenTag {
  digest: string;
  etag: string | null;
  mediaType: string | null;
  /** When the registry says that the tag was pushed. */
  pushedAt: string | null;
}

/** What a registry said about the tags of an image. */
export interface ImageReading {
  /** Every tag that the repository has. */
  listed: ReadonlySet<string>;
  /** There are more tags than those. */
  truncated: boolean;
  /** Tags that were looked up; null = it is gone. */
  seen: ReadonlyMap<string, SeenTag | null>;
  /** Of digests whose manifest and config were read. */
  facts: ReadonlyMap<string, ManifestFacts>;
  /** Digests whose manifest cannot be read, now or later. */
  unreadable: ReadonlySet<string>;
}

const unknownMediaType = 'application/octet-stream';

/**
 * What has to be written: digests that are new, whose tags came or went, or of which something became known. Tags that
 * nobody looked up stay where they are for as long as the repository lists them.
 */
export function sightingsOf(stored: readonly StoredDigest[], reading: ImageReading): Sighting[] {
  const known = new Map(stored.map((digest) => [digest.digest, digest]));
  const seenTags = new Map<string, string[]>();
  for (const [tag, seen] of reading.seen) {
    if (seen) seenTags.set(seen.digest, [...(seenTags.get(seen.digest) ?? []), tag]);
  }
  const digests = new Set([...known.keys(), ...seenTags.keys()]);
  return [...digests].sort().flatMap((digest) => {
    const before = known.get(digest);
    const kept = (before?.tags ?? []).filter((tag) => staysUnseen(tag, reading));
    const tags = [...new Set([...kept, ...(seenTags.get(digest) ?? [])])].sort();
    const sighting = sightingOf(digest, tags, seenTags.get(digest) ?? [], reading);
    return before && isOldNews(before, sighting) ? [] : [sighting];
  });
}

const staysUnseen = (tag: string, { seen, truncated, listed }: ImageReading): boolean =>
  !seen.has(tag) && (truncated || listed.has(tag));

function sightingOf(digest: string, tags: string[], seenUnder: string[], { seen, facts, unreadable }: ImageReading): Sighting {
  const sights = seenUnder.map((tag) => seen.get(tag) as SeenTag);
  const fact = facts.get(digest);
  const nothing = { configDigest: null, platforms: [], sizeBytes: null, builtAt: null };
  return {
    id: uuidv7(),
    digest,
    mediaType: fact?.mediaType ?? sights.find((sight) => sight.mediaType)?.mediaType ?? unknownMediaType,
    tags,
    etag: sights.find((sight) => sight.etag)?.etag ?? null,
    // A digest was pushed with the first of its tags.
    pushedAt: sights.flatMap((sight) => sight.pushedAt ?? []).sort()[0] ?? null,
    seen: sights.length > 0,
    facts: fact
      ? { configDigest: fact.configDigest, platforms: fact.platforms, sizeBytes: fact.sizeBytes, builtAt: fact.builtAt }
      : unreadable.has(digest)
        ? nothing
        : null,
  };
}

function isOldNews(before: StoredDigest, now: Sighting): boolean {
  return (
    (!now.seen || before.seenLately) &&
    now.tags.join(' ') === [...before.tags].sort().join(' ') &&
    (now.etag === null || now.etag === before.etag) &&
    (now.facts === null || before.hasFacts) &&
    (now.pushedAt === null || before.hasPushedAt)
  );
}

/** How many of the written digests were known before under other tags. */
export const movedCount = (stored: readonly StoredDigest[], sightings: readonly Sighting[]): number => {
  const tagsOf = new Map(stored.map((digest) => [digest.digest, [...digest.tags].sort().join(' ')]));
  return sightings.filter(({ digest, tags }) => tagsOf.has(digest) && tagsOf.get(digest) !== tags.join(' ')).length;
};
