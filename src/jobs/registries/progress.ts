import type { UpstreamFailure } from '../../domain/errors';
import { operationEvent } from '../../domain/events/told';
import type { Tx } from '../../store/database';
import { recordEvents } from '../../store/events';
import { advanceOperations, finishOperations, takeOperations } from '../../store/operationRuns';
import type { OperationRow } from '../../store/operations';
import { serviceIdsOfImages } from '../../store/registryRefreshes';
import { checkUpdatesKind, type RefreshParts, type Round } from './refresh';

const leastMs = 500;

export type ProgressEnd =
  | { state: 'succeeded' | 'cancelled'; error: null }
  | { state: 'failed'; error: { failure: UpstreamFailure; hint: string } };

/** The operations that a refresh answers for; mostly none, sometimes the one that somebody asked for. */
export class Progress {
  cancelRequested = false;
  /** Whether somebody asked to try failed automatic updates again. */
  readonly retryFailed: boolean;
  private lastAt = performance.now();
  private writing: Promise<void> | undefined;

  private ids: string[] = [];

  private constructor(
    private readonly parts: RefreshParts,
    rows: readonly OperationRow[],
  ) {
    this.retryFailed = rows.some((row) => (row.parameters as { retryFailed?: boolean }).retryFailed === true);
    this.follow(rows);
  }

  static async begin(parts: RefreshParts, registryId: string, total: number): Promise<Progress> {
    const rows = await parts.database.transact(async (tx) => {
      const rows = await takeOperations(tx, checkUpdatesKind, registryId, total);
      await recordEvents(tx, rows.map(operationEvent));
      return rows;
    });
    if (rows.length > 0) parts.announce();
    return new Progress(parts, rows);
  }

  /** At most twice a second; also finds out whether the operations are to be cancelled. */
  async note(done: number): Promise<void> {
    if (this.ids.length === 0 || this.writing || performance.now() - this.lastAt < leastMs) return;
    this.writing = this.parts.database
      .transact(async (tx) => {
        const rows = await advanceOperations(tx, this.ids, done);
        await recordEvents(tx, rows.map(operationEvent));
        return rows;
      })
      .then((rows) => {
        this.follow(rows);
        this.parts.announce();
      })
      .finally(() => {
        this.lastAt = performance.now();
        this.writing = undefined;
      });
    await this.writing;
  }

  /** Ends the operations with what came of them, in the transaction that ends the refresh. */
  async end(tx: Tx, round: Round, { state, error }: ProgressEnd): Promise<void> {
    if (this.ids.length === 0) return;
    const result = await resultOf(tx, round);
    const rows = await finishOperations(tx, this.ids, {
      state,
      done: round.results.length,
      result,
      error: error && problemBody(error.failure, error.hint, round.requestId),
    });
    await recordEvents(tx, rows.map(operationEvent));
  }

  /** One that everybody who waits for it wants to end is ended; others go on. */
  private follow(rows: readonly OperationRow[]): void {
    this.ids = rows.map((row) => row.id);
    this.cancelRequested = rows.length > 0 && rows.every((row) => row.cancel_requested);
  }
}

/** A failed operation carries the body that a call would have been answered with. */
const problemBody = (failure: UpstreamFailure, hint: string, requestId: string) => ({
  code: 'SERVICE_UNAVAILABLE',
  message: failure.message,
  hint,
  requestId,
  details: { upstream: failure },
});

async function resultOf(tx: Tx, { results, requests }: Round): Promise<object> {
  const services = await serviceIdsOfImages(
    tx,
    results.map((result) => result.imageId),
  );
  const sorted = [...results].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return {
    results: sorted.map(({ imageId, name, hasUpdate, bestTag, error }) => ({
      imageId,
      name,
      serviceIds: services.get(imageId) ?? [],
      hasUpdate,
      bestTag,
      error: error && { reason: error.reason, message: error.message },
    })),
    summary: {
      checked: results.length,
      withUpdates: results.filter((result) => result.hasUpdate).length,
      errors: results.filter((result) => result.failed).length,
    },
    requests,
  };
}
