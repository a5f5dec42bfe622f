import type { Perform } from './caller';
import { PortolanError, type PortolanErrorCode } from './errors';
import { retryAfterMs } from './retries';
import { pauseFor } from './sending';
import type { Schemas } from './types';

export interface WaitOptions {
  /** Called with each state that differs from the one before, the first and the last included. */
  onProgress?: ((operation: Schemas['Operation']) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** How long to wait at most: ten minutes unless set. */
  timeoutMs?: number | undefined;
}

const firstPauseMs = 100;

/** Asks until the operation has succeeded, and gives it; throws when it failed, was cancelled, or takes too long. */
export async function waitForOperation(
  perform: Perform,
  id: string,
  { onProgress, signal, timeoutMs = 600_000 }: WaitOptions = {},
): Promise<Schemas['Operation']> {
  const deadline = Date.now() + timeoutMs;
  let told = '';
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    const { data, response } = await perform('getOperation', { path: { id }, signal });
    const { operation } = data as Schemas['OperationResponse'];
    const state = JSON.stringify([operation.state, operation.progress, operation.updatedAt]);
    if (state !== told) onProgress?.(operation);
    told = state;
    if (operation.state === 'succeeded') return operation;
    if (operation.state === 'failed' || operation.state === 'cancelled') throw ended(operation);
    // Short work is seen to end soon; for long work the service says how often to ask.
    const waitMs = Math.min(pauseMs, retryAfterMs(response.headers) ?? 2000, deadline - Date.now());
    if (waitMs <= 0) throw takesTooLong(operation, timeoutMs);
    await pauseFor(waitMs, signal, 'getOperation');
  }
}

function ended(operation: Schemas['Operation']): PortolanError {
  const { error, kind, state } = operation;
  return new PortolanError({
    code: state === 'cancelled' ? 'CANCELLED' : ((error?.code as PortolanErrorCode | undefined) ?? 'INTERNAL'),
    message: error?.message ?? `${kind} ${state === 'cancelled' ? 'was cancelled' : 'failed'}.`,
    field: error?.field,
    hint: error?.hint,
    requestId: error?.requestId,
    details: { ...(error?.details === undefined ? {} : { reason: error.details }), operation },
    operationId: 'getOperation',
  });
}

const takesTooLong = (operation: Schemas['Operation'], timeoutMs: number): PortolanError =>
  new PortolanError({
    code: 'TIMEOUT',
    message: `${operation.kind} is ${operation.state} after ${timeoutMs} ms.`,
    hint: 'It goes on: wait for it again, or end it with cancelOperation.',
    details: { operation },
    operationId: 'getOperation',
  });
