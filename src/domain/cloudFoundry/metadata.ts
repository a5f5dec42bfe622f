import { compareTexts } from '../compareTexts';
import { isObject } from '../isObject';
import { keyFault, keyOf, labelValueFault, type MetadataKey, quoted, writtenKey } from './metadataKey';
import { V3Problem } from './problem';

/** Labels and annotations of a resource, by their keys as written: `name` or `prefix/name`. */
export interface Metadata {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** null takes the key away. */
export interface KeyChange extends MetadataKey {
  value: string | null;
}

/** What a body asks for; keys that it does not name stay. */
export interface MetadataChange {
  labels: KeyChange[];
  annotations: KeyChange[];
}

const kinds = ['labels', 'annotations'] as const;
type Kind = (typeof kinds)[number];

const annotationLengthMax = 5000;
const countMax = { labels: 50, annotations: 200 } as const satisfies Record<Kind, number>;
const limitProblem = { labels: 'label_limit', annotations: 'annotation_limit' } as const;

/** Every problem of a body's metadata, as texts; [] when it is good. `undefined` (absent) is good. */
export function metadataProblems(metadata: unknown): string[] {
  if (metadata === undefined) return [];
  if (!isObject(metadata)) return ["'metadata' must be an object"];
  const strangers = Object.keys(metadata).filter((member) => !(kinds as readonly string[]).includes(member));
  return [
    ...strangers.map((member) => `'metadata' has the unknown member ${quoted(member)}`),
    ...kinds.flatMap((kind) => kindProblems(kind, metadata[kind])),
  ];
}

function kindProblems(kind: Kind, entries: unknown): string[] {
  if (entries === undefined || entries === null) return [];
  if (!isObject(entries)) return [`'metadata.${kind}' must be an object`];
  return Object.entries(entries).flatMap(([key, value]) => entryProblems(kind, key, value));
}

function entryProblems(kind: Kind, key: string, value: unknown): string[] {
  // An annotation whose key nothing can have may be removed: it is not there.
  const wrongKey = kind === 'annotations' && value === null ? undefined : keyFault(key);
  const wrongValue = value === null ? undefined : valueFault(kind, value);
  return [
    ...(wrongKey === undefined ? [] : [`the key ${quoted(key)} in 'metadata.${kind}' ${wrongKey}`]),
    ...(wrongValue === undefined ? [] : [`the value of ${quoted(key)} in 'metadata.${kind}' ${wrongValue}`]),
  ];
}

function valueFault(kind: Kind, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string or null';
  if (kind === 'labels') return labelValueFault(value);
  // Characters, not halves of surrogate pairs; those are only counted where they can matter.
  const isLong = value.length > annotationLengthMax && [...value].length > annotationLengthMax;
  return isLong ? `has more than ${annotationLengthMax} characters` : undefined;
}

/** What a body that was found good asks for. */
export function metadataChangeOf(metadata: unknown): MetadataChange {
  const changes = (kind: Kind): KeyChange[] => {
    const entries = isObject(metadata) ? metadata[kind] : undefined;
    if (!isObject(entries)) return [];
    return (
      Object.entries(entries)
        // Only keys of removed annotations can be bad here: what nothing can have is not there to be removed.
        .filter(([key]) => keyFault(key) === undefined)
        .map(([key, value]) => ({ ...keyOf(key), value: value as string | null }))
    );
  };
  return { labels: changes('labels'), annotations: changes('annotations') };
}

/** What a resource has after a change. Throws when the change makes it more than it may be; what is too much already may shrink. */
export function applyMetadata(present: Metadata, change: MetadataChange): Metadata {
  return { labels: applied('labels', present, change), annotations: applied('annotations', present, change) };
}

function applied(kind: Kind, present: Metadata, change: MetadataChange): Record<string, string> {
  const before = Object.keys(present[kind]).length;
  const entries = new Map(Object.entries(present[kind]));
  for (const { value, ...key } of change[kind]) {
    if (value === null) entries.delete(writtenKey(key));
    else entries.set(writtenKey(key), value);
  }
  if (entries.size > before && entries.size > countMax[kind]) {
    const sent = change[kind].length;
    throw new V3Problem(
      limitProblem[kind],
      `${sent} ${kind} cannot be written: there would be ${entries.size}, and a resource has at most ${countMax[kind]}`,
    );
  }
  return Object.fromEntries([...entries].sort(([a], [b]) => compareKeys(a, b)));
}

/** The order of the database: keys without a prefix first, then by prefix and name. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  return compareTexts(left.prefix, right.prefix) || compareTexts(left.name, right.name);
}

/** The keys that a change names, for the audit. */
export function changedKeys(change: MetadataChange): { labels: string[]; annotations: string[] } {
  return { labels: change.labels.map(writtenKey), annotations: change.annotations.map(writtenKey) };
}
