import type { ServerResponse } from 'node:http';
import type { Tx } from '../store/database';
import { placeIdempotencyLease, releaseIdempotencyLease } from '../store/idempotency';
import type { Keyring } from '../store/sealing';
import { earlierAnswer, type Hashes, keepAnswer } from './replay';
import type { Rendered } from './respond';

/**
 * Work that talks to other systems: it may take half a minute, so no transaction and no lock of the database is held
 * around it, and it ends early when nobody waits for its answer any more.
 */

/** How long such work may take, by the reference. */
export const outsideTimeoutMs = 30_000;

/** Longer than the work may take: a lease that ran out is one of a process that died. */
const leaseSeconds = 60;

/** Runs work with a signal that ends when the client is gone (`ClientGone`) or the time is over (`TimeoutError`). */
export async function withinTime<T>(
  response: ServerResponse,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException('The time is over.', 'TimeoutError')), timeoutMs);
  const gone = () => controller.abort(new DOMException('The client is gone.', 'AbortError'));
  response.once('close', gone);
  if (response.closed) gone();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    response.off('close', gone);
  }
}

type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/**
 * Runs keyed work once: the key is leased before, and the lease is exchanged for the answer behind it. When that last
 * step is lost, what was done stays done and a retry does it again, which these operations do not mind.
 */
export async function runLeased(
  transact: Transact,
  keyring: Keyring,
  hashes: Hashes,
  work: () => Promise<Rendered>,
): Promise<{ rendered: Rendered; replayed: boolean }> {
  const earlier = await transact(async (tx) => {
    const found = await earlierAnswer(tx, keyring, hashes);
    if (!found) await placeIdempotencyLease(tx, hashes.key, hashes.body, leaseSeconds);
    return found;
  });
  if (earlier) return { rendered: earlier, replayed: true };
  try {
    const rendered = await work();
    await transact((tx) => keepAnswer(tx, keyring, hashes, rendered));
    return { rendered, replayed: false };
  } catch (error) {
    // A lease that cannot be given back runs out.
    await transact((tx) => releaseIdempotencyLease(tx, hashes.key)).catch(() => {});
    throw error;
  }
}
