import type { Field } from './field';
import { isIn } from './field';
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
  const named = filter.flatMap((pattern) =>
    pattern.kind === 'exact' ? eligible.filter(({ text }) => text === pattern.tag) : [],
  );
  if (named[0]) return named[0];
  const names = eligible.length > 0 ? eligible : tags;
  const competing = names.filter((tag) => field !== null && isIn(field, tag));
  return highest(competing) ?? highest(names);
}

/** The highest by name; undefined for none. */
export const highest = (tags: readonly Tag[]): Tag | undefined =>
  tags.reduce<Tag | undefined>((best, tag) => (best && compareTags(best, tag) >= 0 ? best : tag), undefined);
