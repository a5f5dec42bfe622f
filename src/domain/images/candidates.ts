import { compareTexts } from '../compareTexts';
import { readTag, type Tag } from './tag';
import { type TagFilter, takesTag } from './tagFilter';

/** One stored digest with what is known of it; times as ISO 8601. */
export interface KnownDigest {
  id: string;
  tags: string[];
  /** From the registry. */
  pushedAt: string | null;
  /** From the image. */
  builtAt: string | null;
  /** The same for all digests that one refresh found first. */
  discoveredAt: string;
}

/** A digest whose tags are read; times in milliseconds. */
export interface Candidate {
  id: string;
  tags: Tag[];
  /** Those that a pattern takes. */
  eligible: Tag[];
  pushedAt: number | null;
  builtAt: number | null;
  discoveredAt: number;
}

/** A tag, and whether a pattern takes it. */
interface ReadTag {
  tag: Tag;
  eligible: boolean;
}

/** Digests in the order of their ids; each distinct tag is read and held against the filter once. */
export function candidatesOf(filter: TagFilter, digests: readonly KnownDigest[]): Candidate[] {
  const read = readTags(filter, digests);
  return digests.map((digest) => candidateOf(digest, read)).sort((a, b) => compareTexts(a.id, b.id));
}

function candidateOf(digest: KnownDigest, read: ReadonlyMap<string, ReadTag>): Candidate {
  const tags: Tag[] = [];
  const eligible: Tag[] = [];
  for (const text of new Set(digest.tags)) {
    const known = read.get(text);
    if (known) tags.push(known.tag);
    if (known?.eligible) eligible.push(known.tag);
  }
  return {
    id: digest.id,
    tags,
    eligible,
    pushedAt: realTime(digest.pushedAt),
    builtAt: realTime(digest.builtAt),
    discoveredAt: Date.parse(digest.discoveredAt),
  };
}

function readTags(filter: TagFilter, digests: readonly KnownDigest[]): Map<string, ReadTag> {
  const read = new Map<string, ReadTag>();
  for (const { tags } of digests) {
    for (const text of tags) {
      if (read.has(text)) continue;
      const tag = readTag(text);
      read.set(text, { tag, eligible: filter.some((pattern) => takesTag(pattern, tag)) });
    }
  }
  readDigitsAsCommits(read);
  return read;
}

const dayForm = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;

/**
 * One in thirty short commits has no letter and reads as a version above all others. Beside commits of the same length
 * such a number is a commit too, unless it is a day.
 */
function readDigitsAsCommits(read: Map<string, ReadTag>): void {
  const lengths = new Set<number>();
  for (const { tag } of read.values()) if (tag.kind === 'hash' && tag.hash === tag.text) lengths.add(tag.text.length);
  if (lengths.size === 0) return;
  for (const [text, { eligible }] of read) {
    if (!lengths.has(text.length) || !/^\d+$/.test(text) || dayForm.test(text)) continue;
    read.set(text, { tag: { kind: 'hash', text, hash: text, family: '' }, eligible });
  }
}

const firstImage = Date.parse('2013-01-01T00:00:00Z');

/** Reproducible builds carry a fixed time from before there were container images: that is no time. */
function realTime(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return time >= firstImage ? time : null;
}
