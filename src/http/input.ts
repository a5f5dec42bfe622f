import type { OperationId } from '../../generated/operations';
import { notFound, Problem } from '../domain/errors';
import { isId } from '../domain/ids';
import { CheckedV3Request, readV3Body } from './cloudFoundry/request';
import { tellDeprecation } from './deprecation';
import type { Spoken } from './dialect';
import type { Exchange } from './exchange';
import type { OperationFacts, Surface } from './operationFacts';
import { type Content, readContent } from './requestContent';
import { CheckedRequest } from './requestInput';
import { readTokenRequest } from './uaa/request';
import type { UploadRoom } from './uploadRoom';

/** What a handler is asked for. */
export interface Input {
  request: { requireValid(): void };
  /** What tells two bodies apart. */
  body: unknown;
  /** The Idempotency-Key, where one is taken and sent. */
  key: string | undefined;
}

/** Where bodies go. */
export interface InputRoom {
  uploads: UploadRoom;
  /** What the content of one file may have. */
  mostUploadBytes(): number;
}

type ReadInput = (
  operationId: OperationId,
  spoken: Spoken,
  exchange: Exchange,
  path: Record<string, string>,
  room: InputRoom,
) => Promise<Input>;

const apiInput: ReadInput = async (operationId, { facts, heard, shown }, exchange, path, { uploads, mostUploadBytes }) => {
  const content: Content = facts.method === 'get' ? {} : await readContent(exchange, facts, uploads, mostUploadBytes());
  const { body, issues: bodyIssues = [], identity = body } = content;
  tellMembers(operationId, facts, exchange, body);
  const header = (name: string) => exchange.request.headers[name] as string | undefined;
  const parts = { path, rawQuery: exchange.rawQuery, body: heard(body), bodyIssues, header, shown };
  const request = new CheckedRequest(operationId, parts, facts);
  const key = idempotencyKey(exchange, facts);
  requireKnownIds(facts, path);
  return { request, body: identity, key };
};

/** Under /v3 a path id may be any text, and keys of requests mean nothing. */
const v3Input: ReadInput = async (operationId, { facts }, exchange, path) => {
  const content = await readV3Body(exchange, facts);
  tellMembers(operationId, facts, exchange, content.sent);
  const request = new CheckedV3Request(operationId, path, exchange.rawQuery, content, facts);
  return { request, body: content.sent, key: undefined };
};

/** No answer of the token service is kept for a retry: each would hold a token. */
const tokenInput: ReadInput = async (operationId, { facts }, exchange, path) => ({
  request: await readTokenRequest(operationId, path, exchange, facts),
  body: undefined,
  key: undefined,
});

const inputs: Record<Surface, ReadInput> = { api: apiInput, v3: v3Input, uaa: tokenInput };

/** Reads a request in the manner of its surface: media type, size and syntax, key, path ids; then the handler asks for the rest. */
export const readInput: ReadInput = (operationId, spoken, exchange, path, room) =>
  inputs[spoken.facts.surface ?? 'api'](operationId, spoken, exchange, path, room);

/** Deprecated members are told of as soon as the body is known, so that a refusal tells of them, too. */
function tellMembers(operationId: OperationId, { deprecated, family }: OperationFacts, exchange: Exchange, body: unknown): void {
  if (deprecated?.body)
    tellDeprecation(exchange.headers, operationId, { deprecated, family }, { rawQuery: exchange.rawQuery, body });
}

/** A path id of another form is the id of nothing. */
function requireKnownIds(facts: OperationFacts, path: Record<string, string>): void {
  for (const name of facts.opaqueIds) {
    const id = path[name] ?? '';
    if (!isId(id)) throw notFound(facts.nouns[name] ?? name, id);
  }
}

/** The key of a write; undefined where none was sent or none counts. */
function idempotencyKey(exchange: Exchange, facts: OperationFacts): string | undefined {
  const key = exchange.request.headers['idempotency-key'];
  if (key === undefined || facts.method === 'get' || facts.role === 'public') return undefined;
  if (typeof key === 'string' && /^[ -~]{1,200}$/.test(key)) return key;
  const message = 'Must have 1 to 200 printable ASCII characters.';
  throw new Problem('validation', {
    message,
    field: 'Idempotency-Key',
    hint: 'A uuid does well.',
    details: [{ in: 'header', field: 'Idempotency-Key', code: 'pattern', message, hint: 'A uuid does well.' }],
  });
}
