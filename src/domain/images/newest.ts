import { highest } from './bestTag';
import type { Candidate } from './candidates';
import { type Field, isIn } from './field';
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

/** A digest in a field, with those of its tags that compete. */
interface Entry {
  candidate: Candidate;
  competing: Tag[];
}

type Order = (a: Entry, b: Entry) => number;

/** Orders the digests that compete in a field. The order in which they are given makes no difference. */
export function rankingIn(field: Field | null, filter: TagFilter, candidates: readonly Candidate[]): Ranking {
  const entries = candidates
    .map((candidate) => ({ candidate, competing: candidate.eligible.filter((tag) => field !== null && isIn(field, tag)) }))
    .filter(({ competing }) => competing.length > 0);
  const order = field?.kind === 'version' || field?.kind === 'other' ? orderByName(entries) : orderByTime(filter, entries);
  return ranked(entries, order);
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

/** By the highest competing tag of each digest. */
function orderByName(entries: readonly Entry[]): Order {
  const best = new Map(entries.map((entry) => [entry, highest(entry.competing) as Tag]));
  return (a, b) => compareTags(best.get(a) as Tag, best.get(b) as Tag);
}

/**
 * Moving tags by the position of the pattern that takes them, commits after them; then by time. A kind of time counts only
 * if all digests at the position have it: filling gaps with another kind would order them in circles.
 */
function orderByTime(filter: TagFilter, entries: readonly Entry[]): Order {
  const positionOf = (tag: Tag) =>
    tag.kind === 'moving' ? filter.findIndex((pattern) => takesTag(pattern, tag)) : filter.length;
  const positions = new Map(entries.map((entry) => [entry, Math.min(...entry.competing.map(positionOf))]));
  const times = new Map<number, (keyof Candidate & ('pushedAt' | 'builtAt' | 'discoveredAt'))[]>();
  for (const position of new Set(positions.values())) {
    const level = entries.filter((entry) => positions.get(entry) === position);
    const complete = (['pushedAt', 'builtAt', 'discoveredAt'] as const).filter((time) =>
      level.every(({ candidate }) => candidate[time] !== null),
    );
    times.set(position, complete);
  }
  return (a, b) => {
    const position = positions.get(a) as number;
    const difference = (positions.get(b) as number) - position;
    if (difference !== 0) return difference;
    for (const time of times.get(position) ?? []) {
      const later = (a.candidate[time] as number) - (b.candidate[time] as number);
      if (later !== 0) return later;
    }
    return 0;
  };
}
