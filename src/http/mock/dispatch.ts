import { setTimeout as delay } from 'node:timers/promises';
import type { OperationId } from '../../../generated/operations';
import { V3Problem } from '../../domain/cloudFoundry/problem';
import { Problem } from '../../domain/errors';
import type { PageRequest } from '../../domain/lists/cursor';
import type { Answer } from '../../operations/handler';
import { plain } from '../dialect';
import type { Dispatch } from '../edge';
import { finish } from '../finish';
import { readInput } from '../input';
import type { OperationFacts } from '../operationFacts';
import { tellStanding } from '../rateLimits';
import { CheckedRequest } from '../requestInput';
import { render } from '../respond';
import { UploadRoom } from '../uploadRoom';
import { answerOf } from './answers';
import { streamEvents } from './eventStream';
import { parsePrefer } from './prefer';

/** Answers a request without a database, by what it says alone. */
export type PlainHandler = (request: unknown, context: object) => Promise<Answer<unknown>>;

export interface MockParts {
  /** Where clients reach the mock, without a slash at the end. */
  publicUrl(): string;
  delayMs: number;
  /** Operations that are served as they are: they need nothing that a mock does not have. */
  handlers: Partial<Record<OperationId, PlainHandler>>;
}

const room = { uploads: new UploadRoom(128 * 1024 * 1024, 10_000), mostUploadBytes: () => 100 * 1024 * 1024 };

/** What a service tells whom it hardly knows. */
const standing = { limit: 1200, remaining: 1199, resetSeconds: 60 };

/**
 * Around each example what the service does with the request before its handler decides: media type, size and syntax, key,
 * path ids, query and body. Roles, limits and what is stored are not looked at.
 */
export function mockDispatcher(id: OperationId, facts: OperationFacts, parts: MockParts): Dispatch {
  const spoken = plain(facts);
  return async (exchange, path) => {
    if (parts.delayMs > 0) await delay(parts.delayMs);
    if (facts.rateLimit !== 'none') tellStanding(exchange.headers, standing);
    const { request } = await readInput(id, spoken, exchange, path, room);
    const page = await pageOf(request, facts);
    request.requireValid();
    const preferences = parsePrefer(exchange.request.headers.prefer as string | undefined);
    const handler = parts.handlers[id];
    if (handler && preferences.code === undefined && preferences.example === undefined) {
      const answer = await handler(request, { publicUrl: parts.publicUrl, cfApiVersion: '3.211.0', now: () => new Date() });
      return finish(exchange, facts, render(answer, facts), false);
    }
    const asked = { id, preferences, page, requestId: exchange.requestId, path: exchange.path, publicUrl: parts.publicUrl() };
    const answer = inMannerOf(facts, () => answerOf(asked));
    if (answer.contentType?.startsWith('text/event-stream')) return streamEvents(exchange, answer);
    finish(exchange, facts, answer, false);
  };
}

/** What a list is asked for: sort and cursor are refused here. */
async function pageOf(request: object, { sortable }: OperationFacts): Promise<PageRequest | undefined> {
  return request instanceof CheckedRequest && sortable ? (await request.page()).page : undefined;
}

/** Under /v3 a header is no part of a body, so that a wrong one is told as a wrong query is. */
function inMannerOf<T>({ surface }: OperationFacts, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (surface !== 'v3' || !(error instanceof Problem)) throw error;
    throw new V3Problem('query', `Prefer: ${error.message} ${error.hint ?? ''}`.trim());
  }
}
