import type { Express } from 'express';
import type { OperationId } from '../../generated/operations';
import { type DispatchParts, dispatcher } from './dispatch';
import { createEdge, type EdgeParts } from './edge';
import type { OperationFacts } from './operationFacts';
import type { RateLimits } from './rateLimits';
import { UploadRoom } from './uploadRoom';

export interface AppParts extends DispatchParts, EdgeParts {
  rateLimits: RateLimits;
  handlers: Record<OperationId, unknown>;
}

/** Of bodies that are larger than usual, at a time; each is up to five times as much while it is read and stored. */
const uploadRoomBytes = 128 * 1024 * 1024;
/** A request has half a minute in all. */
const uploadWaitMs = 10_000;

/** The public listener. */
export function createApp(parts: AppParts): Express {
  return listener(parts, (facts) => facts.listener === undefined);
}

/** The listener for metrics: nothing else is reached there. */
export function createMetricsApp(parts: AppParts): Express {
  return listener({ ...parts, corsOrigin: undefined }, (facts) => facts.listener === 'metrics');
}

function listener(parts: AppParts, belongs: (facts: OperationFacts) => boolean): Express {
  const shared = { ...parts, uploads: new UploadRoom(uploadRoomBytes, uploadWaitMs) };
  return createEdge(parts, (id, facts) =>
    belongs(facts) ? dispatcher(id, facts, parts.handlers[id] as never, shared) : undefined,
  );
}
