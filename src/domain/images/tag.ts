import { compareTexts } from '../compareTexts';

/** A part of a prerelease; numbers rank below words, as in semantic versions. */
export type Identifier = string | number;

/** What kind of name a tag is; each kind has its own order. */
export type TagKind = 'version' | 'hash' | 'moving' | 'other';

interface AnyTag {
  kind: TagKind;
  text: string;
  /** Tags that may be compared share a kind and a family. */
  family: string;
}

/** A version such as `v1.25.3-rc.1-alpine3.20`. */
export interface VersionTag extends AnyTag {
  kind: 'version';
  /** One to four numbers, as many as were written. */
  numbers: number[];
  /** `['rc', 1]` for `rc1`, `rc.1` and `RC-1`; null for a release. */
  prerelease: Identifier[] | null;
  /** What follows the version without its first separator, such as `alpine3.20`; empty for none. */
  variant: string;
}

/** A commit: `7f3a2b1`, `sha-7f3a2b1`, `main-7f3a2b1`. */
export interface HashTag extends AnyTag {
  kind: 'hash';
  hash: string;
}

export type Tag = VersionTag | HashTag | (AnyTag & { kind: 'moving' | 'other' });

// Fifteen digits are the most that a number holds exactly; longer ones are read as other tags, in natural order.
const versionForm = /^v?(\d{1,15}(?:\.\d{1,15}){0,3})(?![\d.]*\d)(.*)$/;
const prereleaseForm = /^(alpha|beta|rc|preview|pre|dev|snapshot|nightly|m)(?:\.?(\d[0-9a-z.]*))?$/i;
const hashForm = /^(?:(.*)[-_])?([0-9a-f]{7,64})$/i;

/** Reads what a tag says about itself. Any text is taken; the first kind that fits wins. */
export function readTag(text: string): Tag {
  return readVersion(text) ?? readHash(text) ?? readRest(text);
}

/** Turns every run of digits into `#`, so that `alpine3.19` and `alpine3.20` become one family. */
export const familyOf = (variant: string): string => variant.replace(/\d+/g, '#');

function readVersion(text: string): VersionTag | undefined {
  const [, written, rest = ''] = versionForm.exec(text) ?? [];
  if (written === undefined) return undefined;
  const numbers = written.split('.').map(Number);
  const suffix = readSuffix(rest, numbers.length);
  if (!suffix) return undefined;
  return { kind: 'version', text, numbers, ...suffix, family: familyOf(suffix.variant) };
}

interface SuffixPart {
  separator: string;
  text: string;
}

/** Splits what follows the numbers into prerelease and variant; undefined if it makes the tag something else. */
function readSuffix(suffix: string, numberCount: number): Pick<VersionTag, 'prerelease' | 'variant'> | undefined {
  if (suffix === '') return { prerelease: null, variant: '' };
  const parts = partsOf(suffix);
  const [first] = parts;
  if (!first || parts.some((part) => part.text === '')) return undefined;
  // `1.22rc1` is a version, `7f3a2b1` a commit: without a separator only a prerelease can follow.
  if (first.separator === '' && !prereleaseForm.test(first.text)) return undefined;
  // `2026-01-09` is a date and `20260109-7f3a2b1` a commit with its date; `1.2.3-1` is a packager's revision of a version.
  if (numberCount === 1 && (/^\d/.test(first.text) || (parts.length === 1 && isCommit(first.text)))) return undefined;

  const at = parts.findIndex((part) => prereleaseForm.test(part.text));
  const [, word, number] = prereleaseForm.exec(parts[at]?.text ?? '') ?? [];
  if (word === undefined) return { prerelease: null, variant: joined(parts) };
  const next = parts[at + 1]?.text ?? '';
  // `beta-2` and `SNAPSHOT-20240101` carry their number in a part of its own.
  const taken = number === undefined && /^\d+$/.test(next) ? 2 : 1;
  const counted = taken === 2 ? next : (number ?? '');
  return {
    prerelease: [word.toLowerCase(), ...identifiersOf(counted)],
    variant: joined([...parts.slice(0, at), ...parts.slice(at + taken)]),
  };
}

/** Cuts `-rc.1-alpine3.20` at `-` and `_`; a dot separates only in front of the first part (`1.2.3.Final`). */
function partsOf(suffix: string): SuffixPart[] {
  const parts: SuffixPart[] = [];
  const dotted = suffix.startsWith('.') ? '.' : '';
  const rest = suffix.slice(dotted.length);
  for (const piece of rest.split(/(?=[-_])/)) {
    const [, separator = '', text = ''] = /^([-_]?)(.*)$/.exec(piece) ?? [];
    parts.push({ separator, text });
  }
  if (dotted && parts[0]) parts[0] = { separator: dotted, text: parts[0].separator + parts[0].text };
  return parts;
}

const joined = (parts: SuffixPart[]): string =>
  parts.map((part, index) => (index === 0 ? part.text : `${part.separator || '-'}${part.text}`)).join('');

const identifiersOf = (text: string): Identifier[] =>
  text
    .toLowerCase()
    .split('.')
    .filter((part) => part !== '')
    .map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : part));

const isCommit = (text: string): boolean => /^[0-9a-f]{7,64}$/i.test(text) && /\d/.test(text) && /[a-f]/i.test(text);

function readHash(text: string): HashTag | undefined {
  const [, prefix = '', hash = ''] = hashForm.exec(text) ?? [];
  if (!/[a-f]/i.test(hash)) return undefined;
  // Commits of one branch compete with each other, whatever is said about the hash itself.
  const branch = prefix.replace(/(?:^|[-_])(?:sha|git)$/i, '');
  return { kind: 'hash', text, hash, family: familyOf(branch) };
}

function readRest(text: string): Tag {
  return /\d/.test(text) ? { kind: 'other', text, family: familyOf(text) } : { kind: 'moving', text, family: '' };
}

/** Semantic-version precedence of the numbers and the prerelease; missing numbers count as 0, a release ranks above. */
export function compareVersions(
  a: Pick<VersionTag, 'numbers' | 'prerelease'>,
  b: Pick<VersionTag, 'numbers' | 'prerelease'>,
): number {
  return compareNumbers(a.numbers, b.numbers) || comparePrereleases(a.prerelease, b.prerelease);
}

/** Compares number by number; missing ones count as 0. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePrereleases(a: Identifier[] | null, b: Identifier[] | null): number {
  if (!a || !b) return Number(a === null) - Number(b === null);
  for (const [index, identifier] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(identifier, other);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareIdentifiers(a: Identifier, b: Identifier): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return compareTexts(a, b);
}
