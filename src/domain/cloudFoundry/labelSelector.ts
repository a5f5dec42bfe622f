import { keyFault, keyOf, labelValueFault, type MetadataKey, quoted } from './metadataKey';

export type { MetadataKey } from './metadataKey';

/** One condition of a selector. `in` and `notIn` of one value stand for `=` and `!=`; of none, they match nothing and all. */
export type Requirement =
  | { key: MetadataKey; operator: 'exists' | 'notExists' }
  | { key: MetadataKey; operator: 'in' | 'notIn'; values: readonly string[] };

const requirementsMax = 50;

/**
 * Reads `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)` and `k notin (a,b)`, with commas between them. Blanks belong around
 * `in` and `notin` only. What is empty between commas is skipped, among values too: `k=` names no value, not the empty one.
 */
export function parseLabelSelector(text: string): { requirements: Requirement[] } | { problem: string } {
  const pieces = piecesOf(text).filter((piece) => piece !== '');
  if (pieces.length === 0) return { problem: "the value of 'label_selector' is missing" };
  if (pieces.length > requirementsMax) {
    return { problem: `'label_selector' has ${pieces.length} requirements, and at most ${requirementsMax} are read` };
  }
  const read = pieces.map(readPiece);
  const problems = read.flatMap((result) => ('problems' in result ? result.problems : []));
  if (problems.length > 0) return { problem: problems.join(', ') };
  return { requirements: read.flatMap((result) => ('problems' in result ? [] : result)) };
}

/** What stands between commas; those in parentheses belong to a list of values. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let [start, isInside] = [0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '(') isInside = true;
    else if (character === ')') isInside = false;
    else if (character === ',' && !isInside) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...pieces, text.slice(start)];
}

const existence = /^(?<not>!?)(?<key>[^ !=()]*)$/s;
const equality = /^(?<key>[^ !=()]*)(?<operator>==?|!=)(?<value>.*)$/s;
const membership = /^(?<key>[^ !=()]*) (?<operator>in|notin) \((?<values>[^()]*)\)$/s;

function readPiece(piece: string): Requirement | { problems: string[] } {
  const exists = existence.exec(piece)?.groups;
  if (exists) return checked(exists.key as string, exists.not === '' ? 'exists' : 'notExists', []);
  const equals = equality.exec(piece)?.groups;
  if (equals) return checked(equals.key as string, equals.operator === '!=' ? 'notIn' : 'in', [equals.value as string]);
  const isMember = membership.exec(piece)?.groups;
  if (isMember) {
    return checked(isMember.key as string, isMember.operator === 'in' ? 'in' : 'notIn', (isMember.values as string).split(','));
  }
  return { problems: [`${quoted(piece)} in 'label_selector' is invalid`] };
}

function checked(
  key: string,
  operator: Requirement['operator'],
  written: readonly string[],
): Requirement | { problems: string[] } {
  const values = written.filter((value) => value !== '');
  const wrongKey = keyFault(key);
  const problems = wrongKey === undefined ? [] : [`the key ${quoted(key)} in 'label_selector' ${wrongKey}`];
  for (const value of values) {
    const fault = labelValueFault(value);
    if (fault !== undefined) problems.push(`the value ${quoted(value)} in 'label_selector' ${fault}`);
  }
  if (problems.length > 0) return { problems };
  if (operator === 'exists' || operator === 'notExists') return { key: keyOf(key), operator };
  return { key: keyOf(key), operator, values };
}
