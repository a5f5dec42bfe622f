import { stateForbids } from '../errors';

export type OperationState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export const isFinal = (state: OperationState): boolean => state !== 'queued' && state !== 'running';

/** Seconds until it is worth to ask again: at first each second, later a tenth of the time that it already took. */
export const retryAfterSeconds = (ageMs: number): number => Math.min(30, Math.max(1, Math.round(ageMs / 10_000)));

/** What the wish to cancel does; 409 for what cannot be cancelled. */
export function cancellation(operation: {
  state: OperationState;
  cancellable: boolean;
  cancelRequested: boolean;
}): 'end' | 'request' | 'nothing' {
  const { state } = operation;
  if (isFinal(state)) {
    throw stateForbids(`This operation is ${state} already.`, { state }, 'Nothing is left to cancel.');
  }
  if (!operation.cancellable) {
    throw stateForbids('This operation cannot be cancelled.', { state }, 'Wait until it ends.');
  }
  if (state === 'queued') return 'end';
  return operation.cancelRequested ? 'nothing' : 'request';
}
