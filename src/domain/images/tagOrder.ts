import { compareTexts } from '../compareTexts';
import { compareVersions, readTag, type Tag, type TagKind } from './tag';

/** What stands first in a list of names: versions, what has its own order, commits, names that move. */
const kinds: readonly TagKind[] = ['version', 'other', 'hash', 'moving'];

/**
 * Order of tags by what their names say; positive: `a` is newer. Meant inside one kind and family, and total over distinct
 * texts everywhere, so that no list ever depends on the order in which a registry gave it. Names of commits and moving tags
 * say nothing about time: theirs is only a fixed order, never a reason to call one newer.
 */
export function compareTags(a: Tag, b: Tag): number {
  if (a.kind === 'version' && b.kind === 'version') {
    return (
      compareVersions(a, b) ||
      a.numbers.length - b.numbers.length ||
      // The plain image stands before its variants, then families by name: only lists hold several of them.
      compareTexts(b.family, a.family) ||
      compareNaturally(a.variant, b.variant) ||
      compareTexts(a.text, b.text)
    );
  }
  return (
    kinds.indexOf(b.kind) - kinds.indexOf(a.kind) ||
    Number(b.text === 'latest') - Number(a.text === 'latest') ||
    compareNaturally(a.text, b.text) ||
    compareTexts(a.text, b.text)
  );
}

/** Eligible tags, newest first, for display. */
export const newestFirst = (tags: readonly string[]): string[] =>
  [...new Set(tags)]
    .map(readTag)
    .sort((a, b) => compareTags(b, a))
    .map((tag) => tag.text);

/** Natural order: runs of digits as numbers of any length, what stands between them as text; digits before text. */
export function compareNaturally(a: string, b: string): number {
  const left = runsOf(a);
  const right = runsOf(b);
  for (const [index, run] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = compareRuns(run, other);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const runsOf = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];

function compareRuns(a: string, b: string): number {
  const areDigits = [isDigit(a), isDigit(b)];
  if (areDigits[0] !== areDigits[1]) return areDigits[0] ? -1 : 1;
  if (!areDigits[0]) return compareTexts(a, b);
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareTexts(left, right);
}

const isDigit = (run: string): boolean => run >= '0' && run < ':';
