import { readTag, type Tag } from './tag';
import { type TagFilter, takesTag } from './tagFilter';
import { compareTexts } from './tagOrder';

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

/** Digests in the order of their ids; each distinct tag is read and held against the filter once. */
export function candidatesOf(filter: TagFilter, digests: readonly KnownDigest[]): Candidate[] {
  const known = readTags(digests);
  const taken = new Set([...known].filter(([, tag]) => filter.some((pattern) => takesTag(pattern, tag))).map(([text]) => text));
  const asCommit = commitsInDigits([...known.values()]);
  return digests
    .map((digest) => {
      const texts = [...new Set(digest.tags)].sort(compareTexts);
      const read = (text: string): Tag => asCommit.get(text) ?? (known.get(text) as Tag);
      return {
        id: digest.id,
        tags: texts.map(read),
        eligible: texts.filter((text) => taken.has(text)).map(read),
        pushedAt: realTime(digest.pushedAt),
        builtAt: realTime(digest.builtAt),
        discoveredAt: Date.parse(digest.discoveredAt),
      };
    })
    .sort((a, b) => compareTexts(a.id, b.id));
}

function readTags(digests: readonly KnownDigest[]): Map<string, Tag> {
  const known = new Map<string, Tag>();
  for (const { tags } of digests) {
    for (const text of tags) if (!known.has(text)) known.set(text, readTag(text));
  }
  return known;
}

const dayForm = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;

/**
 * One in thirty short commits has no letter and reads as a version above all others. Beside commits of the same length
 * such a number is a commit too, unless it is a day.
 */
function commitsInDigits(tags: readonly Tag[]): Map<string, Tag> {
  const lengths = new Set(tags.filter((tag) => tag.kind === 'hash' && tag.hash === tag.text).map((tag) => tag.text.length));
  const commits = tags
    .map((tag) => tag.text)
    .filter((text) => lengths.has(text.length) && /^\d+$/.test(text) && !dayForm.test(text));
  return new Map(commits.map((text) => [text, { kind: 'hash', text, hash: text, family: '' }]));
}

const firstImage = Date.parse('2013-01-01T00:00:00Z');

/** Reproducible builds carry a fixed time from before there were container images: that is no time. */
function realTime(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return time >= firstImage ? time : null;
}
