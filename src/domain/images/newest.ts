import { highest } from './bestTag';
import type { Candidate } from './candidates';
import type { Field } from './field';
import type { Tag } from './tag';
import { type TagFilter, takesTag } from './tagFilter';
import { compareTags } from './tagOrder';

/** Digests of one field in their order. */
export interface Ranking {
  /** Rank of each competing digest, from 1 for the oldest; equal where it cannot be told which is newer. */
  ranks: ReadonlyMap<string, number>;
  newestId: string | null;
  /** Several digests compete, and which is newest cannot be told. */
  undecided: boolean;
}

/** A digest that competes, with the highest of its tags in the field. */
interface Entry {
  candidate: Candidate;
  tag: Tag;
}

type Order = (a: Entry, b: Entry) => number;

/** Orders the digests that compete in a field. The order in which they are given makes no difference. */
export function rankingIn(field: Field | null, filter: TagFilter, candidates: readonly Candidate[]): Ranking {
  const entries: Entry[] = [];
  for (const candidate of candidates) {
    const tag = field ? highest(candidate.eligible, field) : undefined;
    if (tag) entries.push({ candidate, tag });
  }
  const hasNames = field?.kind === 'version' || field?.kind === 'other';
  return ranked(entries, hasNames ? (a, b) => compareTags(a.tag, b.tag) : orderByTime(filter, entries));
}

function ranked(entries: readonly Entry[], order: Order): Ranking {
  const sorted = [...entries].sort(order);
  const ranks = new Map<string, number>();
  let rank = 0;
  for (const [index, entry] of sorted.entries()) {
    const before = sorted[index - 1];
    if (!before || order(before, entry) !== 0) rank += 1;
    ranks.set(entry.candidate.id, rank);
  }
  const [newest, second] = sorted.slice(-2).reverse();
  const undecided = newest !== undefined && second !== undefined && order(newest, second) === 0;
  return { ranks, newestId: undecided ? null : (newest?.candidate.id ?? null), undecided };
}

type Time = 'pushedAt' | 'builtAt' | 'discoveredAt';
const times: readonly Time[] = ['pushedAt', 'builtAt', 'discoveredAt'];

/**
 * Moving tags by the position of the pattern that takes them, commits after them; then by time. A kind of time counts only
 * if all digests at the position have it: filling gaps with another kind would order them in circles.
 */
function orderByTime(filter: TagFilter, entries: readonly Entry[]): Order {
  const positions = new Map<Entry, number>();
  const known = new Map<number, readonly Time[]>();
  for (const entry of entries) {
    const position = firstPosition(filter, entry.candidate);
    positions.set(entry, position);
    known.set(
      position,
      (known.get(position) ?? times).filter((time) => entry.candidate[time] !== null),
    );
  }
  return (a, b) => {
    const position = positions.get(a) as number;
    const difference = (positions.get(b) as number) - position;
    if (difference !== 0) return difference;
    for (const time of known.get(position) ?? []) {
      const later = (a.candidate[time] as number) - (b.candidate[time] as number);
      if (later !== 0) return later;
    }
    return 0;
  };
}

/** First pattern that takes a moving tag of a digest; behind all of them for commits. */
function firstPosition(filter: TagFilter, { eligible }: Candidate): number {
  const moving = eligible.filter((tag) => tag.kind === 'moving');
  const first = filter.findIndex((pattern) => moving.some((tag) => takesTag(pattern, tag)));
  return first < 0 ? filter.length : first;
}
