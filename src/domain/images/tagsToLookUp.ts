import { readTag, type Tag } from './tag';
import { type TagFilter, takesTag } from './tagFilter';
import { compareTags } from './tagOrder';

/**
 * Which eligible tags to look up when a repository has more than `limit`: first those named exactly, then the newest by name
 * of each family in turn, so that no family crowds out another. Families of a single tag come last: signatures and other
 * attachments have names of their own.
 */
export function tagsToLookUp(filter: TagFilter, tags: readonly string[], limit: number): { tags: string[]; cut: boolean } {
  const eligible = [...new Set(tags)].map(readTag).filter((tag) => filter.some((pattern) => takesTag(pattern, tag)));
  const exact = filter.flatMap((pattern) => (pattern.kind === 'exact' ? [pattern.tag] : []));
  const named = new Set(exact);
  const present = new Set(eligible.map((tag) => tag.text));
  const ordered = [
    ...[...named].filter((text) => present.has(text)),
    ...inTurn(groupsOf(eligible.filter((tag) => !named.has(tag.text)))),
  ];
  return { tags: ordered.slice(0, limit), cut: ordered.length > limit };
}

/** Tags of one kind and family each, newest first; plain families lead, then large ones. */
function groupsOf(tags: readonly Tag[]): Tag[][] {
  const groups = new Map<string, Tag[]>();
  for (const tag of [...tags].sort((a, b) => compareTags(b, a))) {
    const key = `${tag.kind} ${tag.family}`;
    const group = groups.get(key);
    if (group) group.push(tag);
    else groups.set(key, [tag]);
  }
  const isPlain = ([first]: Tag[]) => first?.family === '';
  // Sorting keeps the order of equals, which is the newest first.
  return [...groups.values()].sort((a, b) => Number(isPlain(b)) - Number(isPlain(a)) || b.length - a.length);
}

/** The first of every group, then the second of every group, and so on; lone tags last. */
function inTurn(groups: readonly Tag[][]): string[] {
  const isLone = (group: Tag[]) => group.length === 1 && group[0]?.family !== '';
  return groups
    .flatMap((group, place) => group.map(({ text }, turn) => ({ text, turn: isLone(group) ? Number.MAX_VALUE : turn, place })))
    .sort((a, b) => a.turn - b.turn || a.place - b.place)
    .map(({ text }) => text);
}
