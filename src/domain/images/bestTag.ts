import { type Field, isIn } from './field';
import type { Tag } from './tag';
import type { TagFilter } from './tagFilter';
import { compareTags } from './tagOrder';

/**
 * The tag that a digest is called by. Of the tags that the filter takes: those named exactly, in the order of their
 * patterns, then the highest. Without any: the highest version, else any but `latest`, else `latest`; undefined without
 * tags. `field` is where newest is decided: digests are called by tags that compete there, as far as they have some.
 */
export function bestTag(
  filter: TagFilter,
  { tags, eligible }: { tags: readonly Tag[]; eligible: readonly Tag[] },
  field: Field | null = null,
): Tag | undefined {
  for (const pattern of filter) {
    const named = pattern.kind === 'exact' ? eligible.find(({ text }) => text === pattern.tag) : undefined;
    if (named) return named;
  }
  const names = eligible.length > 0 ? eligible : tags;
  return (field && highest(names, field)) ?? highest(names);
}

/** The highest by name, of a field if one is given; undefined for none. */
export function highest(tags: readonly Tag[], field?: Field): Tag | undefined {
  let best: Tag | undefined;
  for (const tag of tags) {
    if (field && !isIn(field, tag)) continue;
    if (!best || compareTags(tag, best) > 0) best = tag;
  }
  return best;
}
