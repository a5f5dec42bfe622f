import { compareTexts } from '../compareTexts';
import type { Candidate } from './candidates';
import { familyOf, readTag, type Tag, type TagKind } from './tag';
import { type TagFilter, type TagPattern, takesTag } from './tagFilter';

/**
 * The tags that compete for newest: one family, and in it one kind. In a field of kind `moving` commits compete too, after
 * the moving tags.
 */
export interface Field {
  family: string;
  kind: TagKind;
}

/** Families of the candidates, each with the kinds of its tags. */
export type Families = ReadonlyMap<string, ReadonlySet<TagKind>>;

/** Collects the families of what is eligible. */
export function familiesOf(candidates: readonly Candidate[]): Families {
  const families = new Map<string, Set<TagKind>>();
  for (const { eligible } of candidates) {
    for (const { family, kind } of eligible) {
      const present = families.get(family);
      if (present) present.add(kind);
      else families.set(family, new Set([kind]));
    }
  }
  return families;
}

/** Whether a tag competes in a field. */
export const isIn = (field: Field, tag: Tag): boolean =>
  tag.family === field.family && (tag.kind === field.kind || (field.kind === 'moving' && tag.kind === 'hash'));

/**
 * The field of a tag that is deployed or pinned; null if no candidate is of its family. A version, a commit and a tag with
 * an order of its own compete with their like; a moving tag with the strongest kind of its family, since it says nothing
 * about what it points at.
 */
export function fieldOf(tag: Tag, families: Families): Field | null {
  const isComparable = tag.kind !== 'moving' && families.get(tag.family)?.has(tag.kind);
  return isComparable ? { family: tag.family, kind: tag.kind } : strongest(tag.family, families);
}

/** The field when nothing is deployed or pinned: by the first pattern that names a family, else plain tags, else by name. */
export function fieldOfFilter(filter: TagFilter, candidates: readonly Candidate[], families: Families): Field | null {
  for (const pattern of filter) {
    const field = strongest(familyNamedBy(pattern, candidates), families);
    if (field) return field;
  }
  // The empty family sorts before all others.
  return strongest([...families.keys()].sort(compareTexts)[0], families);
}

/**
 * Family that a pattern names: an exact tag its own, a range its variant's. `@alpine*` may take several families, of which
 * the first by name is meant; a glob names one only by what stands plainly behind its wildcards, as in `1.*-alpine`.
 */
function familyNamedBy(pattern: TagPattern, candidates: readonly Candidate[]): string | undefined {
  if (pattern.kind === 'exact') return readTag(pattern.tag).family;
  if (pattern.kind === 'glob') {
    const [, variant] = /^v?[\d.*]+[-_]([^*]+)$/.exec(pattern.glob) ?? [];
    const read = variant === undefined ? undefined : readTag(`0.0-${variant}`);
    return read?.kind === 'version' ? read.family : undefined;
  }
  if (pattern.variant === null) return '';
  if (!pattern.variant.includes('*')) return familyOf(pattern.variant);
  const taken = candidates.flatMap(({ eligible }) => eligible.filter((tag) => takesTag(pattern, tag)));
  return taken.map((tag) => tag.family).sort(compareTexts)[0];
}

/** Versions before tags in natural order, both before what only time orders. */
function strongest(family: string | undefined, families: Families): Field | null {
  const present = family === undefined ? undefined : families.get(family);
  if (family === undefined || !present) return null;
  return { family, kind: (['version', 'other'] as const).find((kind) => present.has(kind)) ?? 'moving' };
}
