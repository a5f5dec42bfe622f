import type { OperationId } from '../../generated/operations';
import { judge, limitsOf } from '../domain/access/principal';
import { canonicalJson } from '../domain/canonicalJson';
import { notFound, Problem } from '../domain/errors';
import { isId } from '../domain/ids';
import type { Answer, ReadContext, WriteContext } from '../operations/handler';
import { type AuditEntry, recordAudit } from '../store/audit';
import type { Database, Tx } from '../store/database';
import { claimIdempotencyKey, hashOf, keepIdempotentAnswer, type StoredAnswer } from '../store/idempotency';
import type { Keyring } from '../store/sealing';
import { closeWhenDraining, type Exchange } from './exchange';
import type { OpenStreams } from './openStreams';
import type { OperationFacts } from './operationFacts';
import { type RateLimits, tellStanding } from './rateLimits';
import { parseBody, readBody, requireJson } from './requestBody';
import { asOperationRequest, CheckedRequest } from './requestInput';
import { type Rendered, render, send } from './respond';

export interface DispatchParts {
  database: Database;
  keyring: Keyring;
  rateLimits: RateLimits;
  events: ReadContext['events'];
  streams: OpenStreams;
  now(): Date;
  /** Forgets what was remembered of credentials. */
  forgetCredentials(): void;
  /** What only public handlers get: they bring their own transactions. */
  publicNeeds: Record<string, unknown>;
}

type AnyHandler = (request: unknown, context: unknown) => Promise<Answer<unknown>>;

/**
 * Around each handler, in the order that clients can observe: credential (before, in backend.ts), rate, role and scope,
 * media type, size and syntax, idempotency, path ids, and then the handler: query and body, If-Match, state.
 */
export function dispatcher(operationId: OperationId, facts: OperationFacts, handler: AnyHandler, parts: DispatchParts) {
  const write = facts.method !== 'get';
  return async (exchange: Exchange, path: Record<string, string>): Promise<void> => {
    await countRequest(exchange, facts, parts.rateLimits);
    requirePermission(exchange, operationId, facts, write, path);
    const body = write ? await readJson(exchange, facts) : undefined;
    const header = (name: string) => exchange.request.headers[name] as string | undefined;
    const request = new CheckedRequest(operationId, { path, rawQuery: exchange.rawQuery, body, header }, facts);
    const key = idempotencyKey(exchange, facts);
    requireKnownIds(facts, path);
    const call = (context: object) => callHandler(handler, request, { ...common(exchange, parts), ...context });
    if (facts.role === 'public') {
      return finish(exchange, facts, render(await call(parts.publicNeeds), facts), false);
    }
    if (!write) {
      const answer = await call({ db: parts.database.db } satisfies Partial<ReadContext>);
      return answer.stream
        ? openStream(exchange, answer.stream, parts.streams)
        : finish(exchange, facts, render(answer, facts), false);
    }
    const work = () => runWrite({ exchange, facts, operationId, parts, path, body, key, call });
    const outcome = facts.rateLimit === 'login' ? await countingPassword(exchange, parts.rateLimits, path, work) : await work();
    finish(exchange, facts, outcome.rendered, outcome.replayed);
  };
}

function common(exchange: Exchange, parts: DispatchParts) {
  const { principal, requestId, clientAddress } = exchange;
  return { principal, requestId, clientAddress, keyring: parts.keyring, events: parts.events, now: parts.now };
}

/** A handler that never asked for its input does not get around it. */
async function callHandler(handler: AnyHandler, request: CheckedRequest, context: object): Promise<Answer<unknown>> {
  const answer = await handler(asOperationRequest(request), context);
  request.requireValid();
  return answer;
}

async function countRequest(exchange: Exchange, facts: OperationFacts, limits: RateLimits): Promise<void> {
  if (facts.rateLimit === 'none') return;
  const { principal } = exchange;
  const standing = principal ? await limits.principals.take(principal.id) : await limits.addresses.take(exchange.clientAddress);
  tellStanding(exchange.headers, standing);
}

/** An operation that checks a password is no way around the limits of login: a wrong one counts as a failed login. */
async function countingPassword<T>(
  { clientAddress }: Exchange,
  limits: RateLimits,
  path: Record<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  const attempt = await limits.login(clientAddress, path.id ?? '');
  let wrong = false;
  try {
    return await work();
  } catch (error) {
    wrong = error instanceof Problem && error.kind === 'unauthorized';
    throw error;
  } finally {
    // What was done stays done when the count cannot be given back.
    if (!wrong) await attempt.succeeded().catch(() => {});
  }
}

function requirePermission(
  exchange: Exchange,
  operationId: string,
  facts: OperationFacts,
  write: boolean,
  path: Record<string, string>,
): void {
  const { principal } = exchange;
  if (!principal) return;
  const verdict = judge(principal, facts, write, path.id);
  if (verdict.allowed) return;
  if (verdict.missing === 'role') {
    throw new Problem('forbidden_role', {
      message: `${operationId} needs the role ${verdict.requiredRole}; this credential has ${principal.role}.`,
      hint: 'Ask an administrator, or use a credential with that role.',
      details: { requiredRole: verdict.requiredRole },
    });
  }
  if (verdict.missing === 'scope') {
    throw new Problem('forbidden_scope', {
      message: `${operationId} needs the scope ${verdict.requiredScope}, which this token does not have.`,
      hint: 'Create a token that lists this scope.',
      details: { requiredScope: verdict.requiredScope },
    });
  }
  throw new Problem('forbidden_scope', {
    message: `${operationId} concerns the whole installation; this token is limited to environments.`,
    hint: 'Use a credential without environment limit.',
    details: { reason: 'environment_limited' },
  });
}

async function readJson(exchange: Exchange, facts: OperationFacts): Promise<unknown> {
  try {
    const bytes = await readBody(exchange.request);
    if (bytes.length === 0) return undefined;
    requireJson(exchange.request.headers['content-type']);
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

/** A path id of another form is the id of nothing. */
function requireKnownIds(facts: OperationFacts, path: Record<string, string>): void {
  for (const name of facts.opaqueIds) {
    const id = path[name] ?? '';
    if (!isId(id)) throw notFound(facts.nouns[name] ?? name, id);
  }
}

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

interface Write {
  exchange: Exchange;
  facts: OperationFacts;
  operationId: OperationId;
  parts: DispatchParts;
  path: Record<string, string>;
  body: unknown;
  key: string | undefined;
  call(context: object): Promise<Answer<unknown>>;
}

interface Outcome {
  rendered: Rendered;
  replayed: boolean;
}

/** One transaction for the change, its audit row and its kept answer; effects run once it is committed. */
async function runWrite(write: Write): Promise<Outcome> {
  const { exchange, operationId, parts, facts } = write;
  let effects: (() => void)[] = [];
  const outcome = await parts.database.transact(async (tx) => {
    effects = [];
    const hashes = write.key === undefined ? undefined : idempotencyHashes(write, write.key);
    const earlier = hashes && (await earlierAnswer(tx, parts.keyring, hashes));
    if (earlier) return { rendered: renderedAgain(earlier), replayed: true };
    const source = { operationId, requestId: exchange.requestId, principal: exchange.principal };
    const context: Pick<WriteContext, 'tx' | 'audit' | 'onCommit' | 'credentialsChanged'> = {
      tx,
      audit: (entry: AuditEntry) => {
        effects.push(parts.events.announce);
        return recordAudit(tx, source, entry);
      },
      onCommit: (effect) => void effects.push(effect),
      credentialsChanged: () => void effects.push(parts.forgetCredentials),
    };
    const rendered = render(await write.call(context), facts);
    if (hashes) {
      const { status, location, etag } = rendered;
      const kept: StoredAnswer = { status, location, etag, body: rendered.body.toString() };
      await keepIdempotentAnswer(tx, parts.keyring, hashes.key, hashes.body, kept);
    }
    return { rendered, replayed: false };
  });
  for (const effect of effects) effect();
  return outcome;
}

interface Hashes {
  key: Buffer;
  body: Buffer;
}

/**
 * Kept answers are found only under the limits they were given under: one owner has credentials of different reach, and
 * a weaker one - or the same one, since weakened - must not be handed what it may not ask for. The body is hashed with
 * the key, so that the hash of a body with a password is no help in guessing it.
 */
function idempotencyHashes({ exchange, operationId, path, body }: Write, key: string): Hashes {
  const limits = exchange.principal ? limitsOf(exchange.principal) : '';
  return {
    key: hashOf([limits, operationId, JSON.stringify(path), exchange.rawQuery, key]),
    body: hashOf([key, body === undefined ? '' : canonicalJson(body)]),
  };
}

async function earlierAnswer(tx: Tx, keyring: Keyring, hashes: Hashes): Promise<StoredAnswer | undefined> {
  const claim = await claimIdempotencyKey(tx, keyring, hashes.key, hashes.body);
  if (claim.state === 'free') return undefined;
  if (claim.state === 'done') return claim.answer;
  if (claim.state === 'running') {
    throw new Problem('conflict', {
      message: 'A request with this Idempotency-Key is still running.',
      field: 'Idempotency-Key',
      hint: 'Send it again in a second; you will get the answer of the first one.',
      retryAfterSeconds: 1,
    });
  }
  throw new Problem('idempotency_key_reused', {
    message: 'This Idempotency-Key was used for another body.',
    field: 'Idempotency-Key',
    hint: 'Use a new key for a new change.',
  });
}

function renderedAgain(answer: StoredAnswer): Rendered {
  const contentType = answer.body === '' ? null : 'application/json; charset=utf-8';
  return { ...answer, contentType };
}

function finish(exchange: Exchange, facts: OperationFacts, rendered: Rendered, replayed: boolean): void {
  const ifNoneMatch = facts.method === 'get' ? exchange.request.headers['if-none-match'] : undefined;
  closeWhenDraining(exchange);
  send(exchange.response, exchange.headers, rendered, facts, ifNoneMatch, replayed);
}

function openStream(exchange: Exchange, stream: NonNullable<Answer<unknown>['stream']>, streams: OpenStreams): void {
  closeWhenDraining(exchange);
  streams.open(exchange, stream.contentType, stream.start);
}
