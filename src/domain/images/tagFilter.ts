import type { Issue } from '../errors';
import { isValidTag } from './reference';
import { compareNumbers, compareVersions, type Identifier, readTag, type Tag, type VersionTag } from './tag';

/** A version inside a range. */
export interface RangeVersion {
  numbers: number[];
  prerelease: Identifier[] | null;
}

/** One bound of a range. */
export interface Comparator {
  operator: '>=' | '>' | '<' | '<=' | '=';
  version: RangeVersion;
}

/** Alternatives; inside one, every comparator must hold. */
export type VersionRange = Comparator[][];

/** One pattern of a filter; `text` is what the user wrote, without the blanks around it. */
export type TagPattern =
  | { kind: 'exact'; text: string; tag: string }
  | { kind: 'glob'; text: string; glob: string }
  | { kind: 'semver'; text: string; range: VersionRange; variant: string | null };

/** The patterns of an image's `tagFilter`, in their order. */
export type TagFilter = TagPattern[];

const mostPatterns = 50;
const noExpression = 'Patterns are globs, not regular expressions: "*" is the only wildcard.';

/** Why a pattern cannot be read; caught at the border of this file. */
class BadPattern extends Error {
  constructor(
    readonly reason: string,
    readonly hint: string,
  ) {
    super(reason);
  }
}

/** Reads a comma-separated filter; every bad pattern is an issue of its own. */
export function parseTagFilter(text: string): { value: TagFilter } | { issues: Issue[] } {
  const texts = text.split(',').map((part) => part.trim());
  if (texts.length > mostPatterns) {
    return {
      issues: [
        filterIssue(
          `A filter has at most ${mostPatterns} patterns, this one has ${texts.length}.`,
          'Put several tags into one pattern with "*" or "semver:".',
        ),
      ],
    };
  }
  const filter: TagFilter = [];
  const issues: Issue[] = [];
  for (const [index, patternText] of texts.entries()) {
    try {
      filter.push(parsePattern(patternText));
    } catch (error) {
      if (!(error instanceof BadPattern)) throw error;
      const name = patternText === '' ? `Pattern ${index + 1}` : `Pattern "${patternText}"`;
      issues.push(filterIssue(`${name} ${error.reason}.`, error.hint));
    }
  }
  return issues.length > 0 ? { issues } : { value: filter };
}

/** Whether a pattern of the filter takes a tag. */
export function matchesTag(filter: TagFilter, tag: string): boolean {
  const read = readTag(tag);
  return filter.some((pattern) => takesTag(pattern, read));
}

/** Whether one pattern takes a tag. */
export function takesTag(pattern: TagPattern, tag: Tag): boolean {
  if (pattern.kind === 'exact') return pattern.tag === tag.text;
  if (pattern.kind === 'glob') return takesGlob(pattern.glob, tag.text);
  return tag.kind === 'version' && takesVariant(pattern.variant, tag.variant) && isInRange(pattern.range, tag);
}

function takesVariant(glob: string | null, variant: string): boolean {
  return glob === null ? variant === '' : variant !== '' && takesGlob(glob, variant);
}

/**
 * Each literal piece between two stars takes its first place after the one before. That is enough where `*` is the only
 * wildcard: an earlier place never leaves less room for what follows.
 */
function takesGlob(glob: string, text: string): boolean {
  const [start = '', ...pieces] = glob.split('*');
  const end = pieces.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start)) return false;
  let from = start.length;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return text.length - end.length >= from && text.endsWith(end);
}

/** A prerelease is only inside if the same alternative names a prerelease of the same version. */
function isInRange(range: VersionRange, version: VersionTag): boolean {
  return range.some(
    (comparators) =>
      comparators.every((comparator) => holds(comparator, version)) &&
      (version.prerelease === null ||
        comparators.some(
          (comparator) => comparator.version.prerelease && compareNumbers(comparator.version.numbers, version.numbers) === 0,
        )),
  );
}

function holds({ operator, version: bound }: Comparator, version: VersionTag): boolean {
  const order = compareVersions(version, bound);
  if (operator === '=') return order === 0;
  if (order === 0) return operator === '>=' || operator === '<=';
  return operator.startsWith('>') === order > 0;
}

function filterIssue(message: string, hint: string): Issue {
  return { in: 'body', field: 'tagFilter', code: 'pattern', message, hint };
}

function parsePattern(text: string): TagPattern {
  if (text === '') throw new BadPattern('is empty', 'Write a tag, "1.*" or "semver:^1.2", and no comma at the end.');
  if (text.startsWith('semver:')) return parseSemver(text);
  if (text.includes('*')) return { kind: 'glob', text, glob: checkGlob(text) };
  if (!isValidTag(text)) throw new BadPattern(...whyNoTag(text));
  return { kind: 'exact', text, tag: text };
}

function whyNoTag(text: string): [reason: string, hint: string] {
  if (/^[~^<>=]|\s|\|\|/.test(text)) return ['is no tag', `If it is a version range, write "semver:${text}".`];
  if (/[?+()[\]{}\\$]/.test(text)) return ['is no tag', noExpression];
  if (text.includes('/')) return ['is no tag', 'The repository stands in imageName, the filter holds only tags.'];
  if (text.startsWith('sha256:')) return ['is a digest', 'A filter takes tags; deploy a digest by imageDigestId.'];
  if (text.length > 128) return ['is longer than 128 characters', 'Shorten it, or use "*".'];
  return ['is no tag', 'A tag has letters, digits, "_", "." and "-", and starts with none of the last two.'];
}

/** A glob over tags or variants; repeated stars are one. */
function checkGlob(text: string): string {
  const glob = text.replace(/\*+/g, '*');
  const bad = /[^A-Za-z0-9_.*-]/u.exec(glob)?.[0];
  if (bad !== undefined) throw new BadPattern(`holds "${bad}", which no tag has`, noExpression);
  if (/^[.-]/.test(glob)) {
    throw new BadPattern(`starts with "${glob[0]}", which no tag does`, 'Write "*" for any characters; a "." stands for itself.');
  }
  return glob;
}

function parseSemver(text: string): TagPattern {
  const [rangeText = '', ...variants] = text.slice('semver:'.length).split('@');
  const variantText = variants.join('@').trim();
  if (variants.length > 0 && variantText === '') {
    throw new BadPattern('names no variant after "@"', 'Write for example "@alpine*", or leave out the "@".');
  }
  return { kind: 'semver', text, range: parseRange(rangeText), variant: variants.length > 0 ? checkGlob(variantText) : null };
}

/** Reads `^1.2 || >=3 <4` into bounds. */
function parseRange(text: string): VersionRange {
  return text.split('||').map((alternative) => {
    const words = alternative.trim();
    if (words === '')
      throw new BadPattern('has an empty range', 'Write for example "semver:^1.2"; "semver:*" takes every version.');
    const [low = '', high, ...further] = words.split(/\s+-\s+/);
    if (high !== undefined && further.length === 0) return hyphenBounds(low, high);
    return words
      .replace(/([\^~<>=])\s+/g, '$1')
      .split(/\s+/)
      .flatMap(simpleBounds);
  });
}

/** A version as written in a range. */
interface WrittenVersion extends RangeVersion {
  text: string;
  /** Whether it stands for all versions that begin with it: it has an `x`, or fewer than three numbers. */
  open: boolean;
}

function hyphenBounds(low: string, high: string): Comparator[] {
  return [...boundsOf('>=', parseWritten(low)), ...boundsOf('<=', parseWritten(high))];
}

function simpleBounds(word: string): Comparator[] {
  const [, operator = '', version = ''] = /^(\^|~>?|>=|<=|>|<|=)?(.*)$/.exec(word) ?? [];
  return boundsOf(operator, parseWritten(version));
}

function parseWritten(text: string): WrittenVersion {
  if (/^v?[x*]$/i.test(text)) return { numbers: [], prerelease: null, open: true, text };
  const [, beforeWildcard] = /^v?(\d{1,15}(?:\.\d{1,15}){0,2})(?:\.[x*])+$/i.exec(text) ?? [];
  if (beforeWildcard !== undefined) return { numbers: beforeWildcard.split('.').map(Number), prerelease: null, open: true, text };
  const version = readTag(text);
  if (version.kind !== 'version' || /\.[x*]\./i.test(text)) {
    throw new BadPattern(
      text === '' ? 'has an operator without a version' : `holds "${text}", which is no version`,
      'Write versions as 1, 1.2, 1.2.3 or 1.x, with ^, ~, >=, >, <, <= in front, " - " between two, or "||" between alternatives.',
    );
  }
  if (version.variant !== '') {
    throw new BadPattern(
      `holds "${text}", which has the variant "${version.variant}"`,
      `Put the variant at the end of the pattern: "@${version.variant}".`,
    );
  }
  const { numbers, prerelease } = version;
  return { numbers, prerelease, open: prerelease === null && numbers.length < 3, text };
}

/** Turns a version with the operator in front of it into bounds. */
function boundsOf(operator: string, { numbers, prerelease, open, text }: WrittenVersion): Comparator[] {
  const from: Comparator = { operator: '>=', version: { numbers, prerelease } };
  const below = (place: number): Comparator => ({
    operator: '<',
    version: { numbers: bumped(numbers, place), prerelease: null },
  });
  const last = numbers.length - 1;
  if (last < 0) {
    if (operator !== '<' && operator !== '>') return [];
    throw new BadPattern(`takes no version with "${operator}${text}"`, 'Leave it out, or name a version.');
  }
  switch (operator) {
    case '^': {
      const firstNonZero = numbers.findIndex((number) => number !== 0);
      return [from, below(firstNonZero < 0 ? last : firstNonZero)];
    }
    case '~':
    case '~>':
      return [from, below(Math.min(last, 1))];
    case '>':
      return open ? [{ ...below(last), operator: '>=' }] : [{ ...from, operator: '>' }];
    case '<=':
      return open ? [below(last)] : [{ ...from, operator: '<=' }];
    case '>=':
      return [from];
    case '<':
      return [{ ...from, operator: '<' }];
    default:
      return open ? [from, below(last)] : [{ ...from, operator: '=' }];
  }
}

/** `bumped([1, 2, 3], 1)` is `[1, 3]`: the first version that no longer begins alike. */
const bumped = (numbers: readonly number[], place: number): number[] => [...numbers.slice(0, place), (numbers[place] ?? 0) + 1];
