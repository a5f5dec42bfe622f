import { limitsOf } from '../domain/access/principal';
import { canonicalJson } from '../domain/canonicalJson';
import { Problem } from '../domain/errors';
import type { Tx } from '../store/database';
import { claimIdempotencyKey, hashOf, keepIdempotentAnswer, type StoredAnswer } from '../store/idempotency';
import type { Keyring } from '../store/sealing';
import type { Exchange } from './exchange';
import type { Rendered } from './respond';

/** What a request with an Idempotency-Key is known by. */
export interface Hashes {
  key: Buffer;
  body: Buffer;
}

interface KeyedRequest {
  exchange: Exchange;
  operationId: string;
  path: Record<string, string>;
  body: unknown;
}

/**
 * Kept answers are found only under the limits they were given under: one owner has credentials of different reach, and
 * a weaker one - or the same one, since weakened - must not be handed what it may not ask for. The body is hashed with
 * the key, so that the hash of a body with a password is no help in guessing it.
 */
export function idempotencyHashes({ exchange, operationId, path, body }: KeyedRequest, key: string): Hashes {
  const limits = exchange.principal ? limitsOf(exchange.principal) : '';
  return {
    key: hashOf([limits, operationId, JSON.stringify(path), exchange.rawQuery, key]),
    body: hashOf([key, body === undefined ? '' : canonicalJson(body)]),
  };
}

/** The answer that a key already has; undefined when this transaction holds the key now, 409 when it cannot. */
export async function earlierAnswer(tx: Tx, keyring: Keyring, hashes: Hashes): Promise<Rendered | undefined> {
  const claim = await claimIdempotencyKey(tx, keyring, hashes.key, hashes.body);
  if (claim.state === 'free') return undefined;
  if (claim.state === 'done') return renderedAgain(claim.answer);
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

/** Keeps an answer under its key. */
export function keepAnswer(tx: Tx, keyring: Keyring, hashes: Hashes, rendered: Rendered): Promise<void> {
  const { status, location, etag } = rendered;
  const kept: StoredAnswer = { status, location, etag, body: rendered.body.toString() };
  return keepIdempotentAnswer(tx, keyring, hashes.key, hashes.body, kept);
}
