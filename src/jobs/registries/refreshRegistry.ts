import { uuidv7 } from 'uuidv7';
import { registryRefreshEvent } from '../../domain/events/told';
import { nextRefreshAt } from '../../domain/registries/refreshSchedule';
import { recordEvents } from '../../store/events';
import { noteUnread } from '../../store/imageWalks';
import { queuedOperationOf } from '../../store/operations';
import { findRegistry, type RegistryRow } from '../../store/registries';
import {
  beginRefresh,
  endRefresh,
  lockInterval,
  releaseRefresh,
  renewRefresh,
  type ServableImage,
} from '../../store/registryRefreshes';
import { enqueueRefreshAt, enqueueRefreshRegistry, hurryRefresh } from '../enqueue';
import { servedAgainMinutes } from '../images/walk';
import { keepLease } from '../lease';
import { accessOf } from '../registryAccess';
import { Progress } from './progress';
import { checkUpdatesKind, type RefreshParts, type Round } from './refresh';
import { servedImages } from './servedImages';
import { walkAll } from './walkAll';

export type { RefreshParts } from './refresh';

export type RefreshReport =
  | { registryId: string; end: 'gone' | 'done' | 'held' | 'lost' | 'stopped' | 'cancelled' }
  | { registryId: string; end: 'ok' | 'partial' | 'failed'; checked: number; requests: number };

const leaseMs = 15_000;

/**
 * Reads all images of one connection. Of any number of workers one does so at a time: the run whose id stands in
 * `registry_refreshes`. Whoever comes meanwhile comes again when its lease ends, or at once when it ends before.
 * @param jobId a job that was done already, and is taken up again because its worker died behind the commit, does nothing
 */
export async function refreshRegistry(
  parts: RefreshParts,
  registryId: string,
  jobId: string | null = null,
): Promise<RefreshReport> {
  const { database, refreshLeaseMs = leaseMs } = parts;
  const runId = uuidv7();
  const begun = await database.transact(async (tx) => {
    const begun = await beginRefresh(tx, registryId, { runId, jobId, leaseMs: refreshLeaseMs });
    if (typeof begun === 'object' && 'heldUntil' in begun) await enqueueRefreshAt(tx, registryId, begun.heldUntil);
    return begun;
  });
  if (!begun) return endAbandoned(parts, registryId);
  if (begun === 'done') return { registryId, end: 'done' };
  if ('heldUntil' in begun) return { registryId, end: 'held' };
  const lost = new AbortController();
  const renew = () => database.transact((tx) => renewRefresh(tx, registryId, runId, refreshLeaseMs));
  const lease = keepLease(refreshLeaseMs, renew, () => lost.abort(new Error('another refresh has taken over')));
  let report: RefreshReport | undefined;
  try {
    report = await new Refresh(parts, registryId, { runId, jobId, failures: begun.failures, lost: lost.signal }).run();
    const mayBeGone = report.end === 'gone' || report.end === 'lost';
    return mayBeGone && !(await findRegistry(database.db, registryId)) ? endAbandoned(parts, registryId) : report;
  } finally {
    lease.stop();
    if (!report) await database.transact((tx) => releaseRefresh(tx, registryId, runId)).catch(() => {});
  }
}

/** Nobody else ends what was asked of a connection that was deleted meanwhile. */
async function endAbandoned(parts: RefreshParts, registryId: string): Promise<RefreshReport> {
  const progress = await Progress.begin(parts, registryId, 0);
  const nothing = { requestId: '', results: [], connectionFailure: null, requests: 0 };
  await parts.database.transact((tx) => progress.end(tx, nothing, { state: 'cancelled', error: null }));
  parts.announce();
  return { registryId, end: 'gone' };
}

interface Run {
  runId: string;
  jobId: string | null;
  /** In a row, before this one. */
  failures: number;
  /** Another run has taken over. */
  lost: AbortSignal;
}

class Refresh {
  constructor(
    private readonly parts: RefreshParts,
    private readonly registryId: string,
    private readonly it: Run,
  ) {}

  async run(): Promise<RefreshReport> {
    const { database, keyring, stopping } = this.parts;
    const registry = await findRegistry(database.db, this.registryId);
    if (!registry) return this.end('gone');
    const images = await servedImages(database.db, registry);
    const progress = await Progress.begin(this.parts, this.registryId, images.length);
    const signal = AbortSignal.any([stopping, this.it.lost]);
    const round = await walkAll(this.parts, {
      images,
      access: accessOf(registry, keyring),
      progress,
      signal,
      requestId: `req_${this.it.runId}`,
    });
    if (this.it.lost.aborted) return this.end('lost');
    if (stopping.aborted) return this.stop();
    if (progress.cancelRequested) return this.cancel(progress, round);
    return this.finish(registry, images, progress, round);
  }

  private end(end: 'gone' | 'lost' | 'stopped' | 'cancelled'): RefreshReport {
    return { registryId: this.registryId, end };
  }

  /** Hands the connection to another worker. Its operations stay as they are: whoever comes next answers for them. */
  private async stop(): Promise<RefreshReport> {
    await this.parts.database.transact(async (tx) => {
      if (await releaseRefresh(tx, this.registryId, this.it.runId)) await enqueueRefreshRegistry(tx, this.registryId);
    });
    return this.end('stopped');
  }

  /** The connection counts as not refreshed: its last refresh stays the one before. */
  private async cancel(progress: Progress, round: Round): Promise<RefreshReport> {
    await this.parts.database.transact(async (tx) => {
      if (!(await releaseRefresh(tx, this.registryId, this.it.runId))) return;
      await progress.end(tx, round, { state: 'cancelled', error: null });
      await this.hurryNext(tx);
    });
    this.parts.announce();
    return this.end('cancelled');
  }

  private async finish(
    registry: RegistryRow,
    images: readonly ServableImage[],
    progress: Progress,
    round: Round,
  ): Promise<RefreshReport> {
    const { database, announce, onRefreshed } = this.parts;
    const { status, error } = verdictOf(round);
    const at = this.parts.now();
    const failures = status === 'failed' || round.connectionFailure ? this.it.failures + 1 : 0;
    const { retryAt } = round.connectionFailure?.failure ?? {};
    const nextInMs = (intervalMinutes: number) => {
      const jitter = 2 * Math.random() - 1;
      const next = nextRefreshAt({ now: at, intervalMinutes, failures, retryAt: retryAt ? new Date(retryAt) : null, jitter });
      return next.getTime() - at.getTime();
    };
    const checkError = error && { ...error, at: at.toISOString() };
    const read = new Set(round.results.map((result) => result.imageId));
    const isWritten = await database.transact(async (tx) => {
      const { runId, jobId } = this.it;
      // The interval may have been changed since the refresh began; locked, so that it is not changed now.
      const intervalMinutes = await lockInterval(tx, this.registryId);
      if (intervalMinutes === undefined) return false;
      const ended = { id: this.registryId, runId, jobId, status, error: checkError, failures };
      const isOurs = await endRefresh(tx, { ...ended, at: at.toISOString(), nextInMs: nextInMs(intervalMinutes) });
      if (!isOurs) return false;
      const unread = images.filter(({ id }) => !read.has(id)).map(({ id }) => id);
      if (checkError) await noteUnread(tx, unread, checkError, servedAgainMinutes);
      await progress.end(tx, round, round.connectionFailure ? failedBy(round.connectionFailure) : succeeded);
      await recordEvents(tx, [
        registryRefreshEvent({
          environmentId: registry.environment_id,
          registryId: this.registryId,
          status,
          refreshedAt: at.toISOString(),
          error: checkError,
        }),
      ]);
      await this.hurryNext(tx);
      return true;
    });
    if (!isWritten) return this.end('lost');
    announce();
    onRefreshed?.(status);
    return { registryId: this.registryId, end: status, checked: round.results.length, requests: round.requests };
  }

  /** Whoever found the connection held need not wait until its lease would have ended. */
  private async hurryNext(tx: Parameters<typeof hurryRefresh>[0]): Promise<void> {
    if (await queuedOperationOf(tx, this.registryId, checkUpdatesKind)) await enqueueRefreshRegistry(tx, this.registryId);
    else await hurryRefresh(tx, this.registryId);
  }
}

const succeeded = { state: 'succeeded', error: null } as const;
const failedBy = ({ failure, hint }: NonNullable<Round['connectionFailure']>) =>
  ({ state: 'failed', error: { failure, hint } }) as const;

/** A connection that is throttled did what it could: that is partial. */
function verdictOf({ results, connectionFailure }: Round) {
  if (connectionFailure) {
    const { reason, message } = connectionFailure.failure;
    return { status: reason === 'rate_limited' ? 'partial' : 'failed', error: { reason, message } } as const;
  }
  const fault = results.find((result) => result.error && (result.failed || result.partial))?.error;
  if (!fault) return { status: 'ok', error: null } as const;
  return { status: 'partial', error: { reason: fault.reason, message: fault.message } } as const;
}
