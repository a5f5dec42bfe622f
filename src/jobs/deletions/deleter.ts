import type { Tx } from '../../store/database';

/** What a deleter is told of the operation that it works for. */
export interface Deletion {
  operationId: string;
  resourceId: string;
}

/**
 * Deletes one resource with all that goes with it, in the transaction that ends the operation. Locks its row first and
 * asks again what the request asked: the state may have changed since. Gives false when the row is gone already; throws a
 * `V3Problem` for what a state forbids, with the words of the request's own refusal.
 */
export type Deleter = (tx: Tx, deletion: Deletion) => Promise<boolean>;
