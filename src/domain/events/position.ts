/**
 * A place in the log of events: behind the row with this number of this transaction. Positions of one log are totally
 * ordered, and the log is read in this order.
 */
export interface Position {
  readonly transaction: number;
  readonly sequence: number;
}

/** Positive: `a` lies behind `b`. */
export const comparePositions = (a: Position, b: Position): number => a.transaction - b.transaction || a.sequence - b.sequence;

/** The text that clients get as the id of a frame, and send back as Last-Event-ID. */
export const formatPosition = ({ transaction, sequence }: Position): string => `${transaction}-${sequence}`;

/** undefined for what is no id of ours. */
export function parsePosition(text: string): Position | undefined {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text);
  if (!match) return undefined;
  const [transaction, sequence] = [Number(match[1]), Number(match[2])];
  return Number.isSafeInteger(transaction) && Number.isSafeInteger(sequence) ? { transaction, sequence } : undefined;
}

/** Why a stream does not go on where its client was. */
export type Gap = 'unknown' | 'too_old';

export interface LogBounds {
  /** Before it, something was swept. */
  begin: Position;
  /** Nothing that will appear comes before it. */
  end: Position;
}

/** Where a stream begins: behind what the client saw last, or at the end of the log, with the reason when something is missed. */
export function startOf(lastEventId: string | undefined, { begin, end }: LogBounds): { position: Position; gap: Gap | null } {
  if (lastEventId === undefined || lastEventId === '') return { position: end, gap: null };
  const seen = parsePosition(lastEventId);
  if (!seen || comparePositions(seen, end) > 0) return { position: end, gap: 'unknown' };
  if (comparePositions(seen, begin) < 0) return { position: end, gap: 'too_old' };
  return { position: seen, gap: null };
}
