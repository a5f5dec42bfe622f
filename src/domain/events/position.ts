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
