import type { OperationId } from '../../generated/operations';
import { judge, type Principal } from '../domain/access/principal';
import { isFrozenFor } from '../domain/cloudFoundry/rights';
import { uploadBytes } from '../domain/config/contentSize';
import { Problem } from '../domain/errors';
import type { Answer, OutsideContext, OutsideNeeds, ReadContext, TransactionContext } from '../operations/handler';
import { type AuditEntry, recordAudit } from '../store/audit';
import type { Database } from '../store/database';
import type { Keyring } from '../store/sealing';
import { type Dialect, plain } from './dialect';
import { closeWhenDraining, type Exchange } from './exchange';
import { finish } from './finish';
import { type Input, readInput } from './input';
import { auditOfReveals, onRecord, sourceOf } from './onRecord';
import type { OpenStreams } from './openStreams';
import type { OperationFacts } from './operationFacts';
import { runLeased, withinTime } from './outside';
import { type RateLimits, tellStanding } from './rateLimits';
import { earlierAnswer, idempotencyHashes, keepAnswer } from './replay';
import { type Rendered, render } from './respond';
import type { UploadRoom } from './uploadRoom';

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
  /** What handlers get that talk to other systems, and how long they may take. */
  outside: { needs: OutsideNeeds; timeoutMs: number };
  /** Where clients reach this service, without a slash at the end. */
  publicUrl(): string;
  liveSettings: ReadContext['liveSettings'];
  environmentDefaults: ReadContext['environmentDefaults'];
  organizationName: string;
  /** How requests are read and answers written; left out: as the contract has them. */
  dialect?: Dialect;
}

/** What dispatchers share. */
export interface SharedParts extends DispatchParts {
  uploads: UploadRoom;
}

type AnyHandler = (request: unknown, context: unknown) => Promise<Answer<unknown>>;

/**
 * Around each handler, in the order that clients can observe: credential (before, in backend.ts), rate, role and scope,
 * media type, size and syntax, idempotency, path ids, and then the handler: query and body, If-Match, state.
 */
export function dispatcher(operationId: OperationId, written: OperationFacts, handler: AnyHandler, parts: SharedParts) {
  const spoken = (parts.dialect ?? plain)(written);
  const { facts } = spoken;
  const write = facts.method !== 'get';
  const room = { uploads: parts.uploads, mostUploadBytes: () => uploadBytes(parts.liveSettings.current().maxUploadSizeMb) };
  return async (exchange: Exchange, path: Record<string, string>): Promise<void> => {
    await countRequest(exchange, facts, parts.rateLimits);
    if (facts.reveals) return onRecord(exchange, operationId, facts, parts.database, path, () => serve(exchange, path));
    return serve(exchange, path);
  };
  async function serve(exchange: Exchange, path: Record<string, string>): Promise<void> {
    requirePermission(exchange, operationId, facts, write, path);
    const { request, body, key } = await readInput(operationId, spoken, exchange, path, room);
    const call = async (context: object) =>
      spoken.told(await callHandler(handler, request, { ...common(exchange, parts), ...context }));
    if (facts.role === 'public') {
      return finish(exchange, facts, render(await call(parts.publicNeeds), facts), false);
    }
    if (!write) {
      const answer = await read(exchange, operationId, facts, parts, call);
      return answer.stream
        ? openStream(exchange, answer.stream, parts.streams)
        : finish(exchange, facts, render(answer, facts), false);
    }
    const run = facts.outside ? runOutside : runWrite;
    const work = () => run({ exchange, facts, operationId, parts, path, body, key, call });
    const outcome = facts.rateLimit === 'login' ? await countingPassword(exchange, parts.rateLimits, path, work) : await work();
    finish(exchange, facts, outcome.rendered, outcome.replayed);
  }
}

type Call = (context: object) => Promise<Answer<unknown>>;

function read(
  exchange: Exchange,
  operationId: OperationId,
  facts: OperationFacts,
  parts: DispatchParts,
  call: Call,
): Promise<Answer<unknown>> {
  const { db } = parts.database;
  if (facts.reveals) return call({ db, audit: auditOfReveals(exchange, operationId, parts.database) });
  if (!facts.outside) return call({ db } satisfies Partial<ReadContext>);
  const { needs, timeoutMs } = parts.outside;
  return withinTime(exchange.response, timeoutMs, (signal) => call({ ...needs, db, signal }));
}

function common(exchange: Exchange, parts: DispatchParts) {
  const { principal, requestId, clientAddress } = exchange;
  const { keyring, events, now, publicUrl, liveSettings, environmentDefaults, organizationName } = parts;
  const settings = { settings: liveSettings.current, liveSettings, environmentDefaults };
  return { principal, requestId, clientAddress, keyring, events, now, publicUrl, organizationName, ...settings };
}

/** A handler that never asked for its input does not get around it. */
async function callHandler(handler: AnyHandler, request: Input['request'], context: object): Promise<Answer<unknown>> {
  const answer = await handler(request, context);
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
  // Writes under /v3 are judged by their handlers, which refuse for this in the order that clients expect.
  if (verdict.allowed && write && facts.surface === undefined) requireThawed(principal, operationId);
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

function requireThawed(principal: Principal, operationId: string): void {
  if (!isFrozenFor(principal)) return;
  throw new Problem('forbidden_role', {
    message: `${operationId} changes something, and the installation is frozen: only an administrator changes it now.`,
    hint: 'Wait until an administrator resumes the installation.',
    details: { reason: 'installation_frozen' },
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
  call: Call;
}

interface Outcome {
  rendered: Rendered;
  replayed: boolean;
}

/** One transaction for the change, its audit row and its kept answer; effects run once it is committed. */
function runWrite(write: Write): Promise<Outcome> {
  const { parts, facts } = write;
  const hashes = write.key === undefined ? undefined : idempotencyHashes(write, write.key);
  return inTransaction(write, async (context) => {
    const earlier = hashes && (await earlierAnswer(context.tx, parts.keyring, hashes));
    if (earlier) return { rendered: earlier, replayed: true };
    const rendered = render(await write.call(context), facts);
    if (hashes) await keepAnswer(context.tx, parts.keyring, hashes, rendered);
    return { rendered, replayed: false };
  });
}

/** Transactions are those that the handler opens, none while it talks to other systems. */
async function runOutside(write: Write): Promise<Outcome> {
  const { exchange, parts, facts } = write;
  const { db, transact } = parts.database;
  const hashes = write.key === undefined ? undefined : idempotencyHashes(write, write.key);
  const work = () =>
    withinTime(exchange.response, parts.outside.timeoutMs, async (signal) => {
      const open: OutsideContext['transact'] = (inside) => inTransaction(write, inside);
      return render(await write.call({ ...parts.outside.needs, db, transact: open, signal }), facts);
    });
  return hashes ? runLeased(transact, parts.keyring, hashes, work) : { rendered: await work(), replayed: false };
}

/** Runs work in one transaction; what it wants to happen behind the commit happens there. */
async function inTransaction<T>(
  { exchange, operationId, parts }: Write,
  work: (context: TransactionContext) => Promise<T>,
): Promise<T> {
  let effects: (() => void)[] = [];
  const result = await parts.database.transact((tx) => {
    effects = [];
    const source = sourceOf(exchange, operationId);
    return work({
      tx,
      audit: (entry: AuditEntry) => {
        effects.push(parts.events.announce);
        return recordAudit(tx, source, entry);
      },
      onCommit: (effect) => void effects.push(effect),
      credentialsChanged: () => void effects.push(parts.forgetCredentials),
    });
  });
  for (const effect of effects) effect();
  return result;
}

function openStream(exchange: Exchange, stream: NonNullable<Answer<unknown>['stream']>, streams: OpenStreams): void {
  closeWhenDraining(exchange);
  streams.open(exchange, stream.contentType, stream.start);
}
