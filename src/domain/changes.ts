import { canonicalJson } from './canonicalJson';

/**
 * What an audit row tells of an update: the names of the changed members, and the old and new value of those that the
 * given objects hold. Secrets are kept out of these objects, so they only show by name.
 */
export function changeDetails(before: object, after: object, changed: readonly string[]) {
  const pick = (from: object) => Object.fromEntries(Object.entries(from).filter(([member]) => changed.includes(member)));
  return { changed: [...changed], before: pick(before), after: pick(after) };
}

/** Names of members whose values differ; objects and arrays are compared by content, whatever the order of members. */
export function differingMembers<T extends object>(before: T, after: T): string[] {
  return (Object.keys(after) as (keyof T & string)[]).filter(
    (member) => before[member] !== after[member] && canonicalJson(before[member]) !== canonicalJson(after[member]),
  );
}
