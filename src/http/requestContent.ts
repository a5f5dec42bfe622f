import { type Issue, Problem } from '../domain/errors';
import { announcedBytes, bodyLimitOf } from './bodyLimit';
import type { Exchange } from './exchange';
import { readMultipart, requireMultipart } from './multipart';
import type { OperationFacts } from './operationFacts';
import { parseBody, readBody, requireJson, tooLarge } from './requestBody';
import type { UploadRoom } from './uploadRoom';

/** What a request brings. */
export interface Content {
  /** undefined when nothing was sent. */
  body?: unknown;
  /** What is wrong with parts of it, whatever they mean. */
  issues?: readonly Issue[];
  /** What tells it from other bodies; left out, that is the body itself. */
  identity?: unknown;
}

/** The body of an operation of /api, once there is memory for it. */
export async function readContent(
  exchange: Exchange,
  facts: OperationFacts,
  uploads: UploadRoom,
  maxUploadBytes: number,
): Promise<Content> {
  const { request } = exchange;
  const limit = bodyLimitOf(facts, maxUploadBytes);
  const bytes = announcedBytes(request);
  if (bytes !== 0 && facts.bodyLimit) {
    // What will be refused anyway is told before it is waited for.
    (facts.body?.files ? requireMultipart : requireJson)(request.headers['content-type']);
    if ((bytes ?? 0) > limit) throw tooLarge(limit);
    await takeRoom(exchange, uploads, bytes ?? limit);
  }
  if (!facts.body?.files) return { body: await readJson(exchange, facts, limit) };
  if (bytes === 0) return {};
  const limits = { files: facts.body.files, fileBytes: maxUploadBytes, bytes: limit };
  const { members, issues, identity } = await readMultipart(request, limits);
  return { body: members, issues, identity };
}

/** Waits until there is memory for the body, and keeps it until the answer is sent. */
async function takeRoom({ response }: Exchange, uploads: UploadRoom, bytes: number): Promise<void> {
  const release = await uploads.take(bytes, (leave) => response.once('close', leave));
  response.once('close', release);
  if (response.closed) release();
}

async function readJson({ request }: Exchange, facts: OperationFacts, limit: number): Promise<unknown> {
  try {
    const bytes = await readBody(request, limit);
    if (bytes.length === 0) return undefined;
    requireJson(request.headers['content-type']);
    return parseBody(bytes);
  } catch (error) {
    throw facts.body ? error : unwantedBody(error);
  }
}

/** Where no body is taken, one of a wrong media type or size is as wrong as any other: 400, as the contract has it. */
function unwantedBody(error: unknown): unknown {
  if (!(error instanceof Problem) || (error.kind !== 'media_type' && error.kind !== 'too_large')) return error;
  const [message, hint] = ['This operation takes no body.', 'Leave the body out.'];
  const details = [{ in: 'body', field: '', code: 'type', message, hint }];
  return new Problem('validation', { message, field: '', hint, details, ...(error.headers ? { headers: error.headers } : {}) });
}
