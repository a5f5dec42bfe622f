import { uuidv7 } from 'uuidv7';
import { notFound, stateForbids } from '../../domain/errors';
import { connectionFor, mismatchMessage } from '../../domain/registries/connectionFor';
import { nextRefreshAt } from '../../domain/registries/refreshSchedule';
import type { RegistryAccess } from '../../integrations/oci/access';
import { RegistryFailure } from '../../integrations/oci/failure';
import type { Tx } from '../../store/database';
import { beginWalk, findImageToWalk, type ImageToWalk, releaseWalk, renewWalk } from '../../store/imageWalks';
import { findRegistry } from '../../store/registries';
import { keepLease } from '../lease';
import { accessToRepository } from '../registryAccess';
import { joinWalk } from './joinWalk';
import { type ReadResult, readImage } from './readImage';
import { filterOf } from './recompute';
import { servedAgainMinutes, type WalkOptions, type WalkOutcome, type WalkParts } from './walk';
import { writeFailure, writeWalk } from './writeWalk';

export type { WalkOptions, WalkOutcome, WalkParts } from './walk';

const leaseMs = 15_000;
const timeoutMs = 5 * 60_000;
/** How often the image may be changed while it is read, before whoever changes it has to wait for the next turn. */
const patience = 3;

/** One walk of one image: the registry is read, what it says is stored. A walk that is under way anywhere is joined. */
export async function walkImage(parts: WalkParts, imageId: string, options: WalkOptions = {}): Promise<WalkOutcome> {
  for (let edited = 0; edited < patience; ) {
    options.signal?.throwIfAborted();
    const walk = new Walk(parts, imageId, options);
    const begun = await walk.begin();
    if (!begun) {
      const joined = await joinWalk(parts.database.db, imageId, options.signal);
      // Whoever walks now may have been asked for less.
      if (joined && !options.retryFailed) return joined;
      continue;
    }
    const outcome = await walk.run(begun.failures);
    if (outcome === 'edited') edited++;
    else if (outcome !== 'lost') return outcome;
  }
  throw stateForbids('The image was changed again and again while it was read.', { state: 'changing' }, 'Try again.');
}

class Walk {
  private readonly runId = uuidv7();
  /** Sent so far. */
  private requests = 0;

  constructor(
    private readonly parts: WalkParts,
    private readonly imageId: string,
    private readonly options: WalkOptions,
  ) {}

  begin(): Promise<{ failures: number } | undefined> {
    const { database, walkLeaseMs = leaseMs } = this.parts;
    return database.transact((tx) => beginWalk(tx, this.imageId, this.runId, walkLeaseMs));
  }

  /** Whatever goes wrong, the image is free afterwards. */
  async run(failures: number): Promise<WalkOutcome | 'edited' | 'lost'> {
    const { database, walkLeaseMs = leaseMs } = this.parts;
    const renew = () => database.transact((tx) => renewWalk(tx, this.imageId, this.runId, walkLeaseMs));
    const lost = new AbortController();
    const lease = keepLease(walkLeaseMs, renew, () => lost.abort(new Error('another walk has taken over')));
    let outcome: WalkOutcome | 'edited' | 'lost' | undefined;
    try {
      outcome = await this.walk(failures, lost.signal);
      return outcome;
    } catch (error) {
      if (lost.signal.aborted) return 'lost';
      throw error;
    } finally {
      lease.stop();
      if (typeof outcome !== 'object') {
        await database.transact((tx) => releaseWalk(tx, this.imageId, this.runId)).catch(() => {});
      }
    }
  }

  private async walk(failures: number, lost: AbortSignal): Promise<WalkOutcome | 'edited' | 'lost'> {
    const { database, keyring, now } = this.parts;
    const image = await findImageToWalk(database.db, this.imageId);
    if (!image) throw notFound('container image', this.imageId);
    const settings = { imageName: image.image_name, registryConnectionId: image.registry_connection_id };
    const { connection, repository, mismatch } = connectionFor(settings, image.connections);
    const row = connection ? await findRegistry(database.db, connection.id) : undefined;
    if (connection && !row) return 'edited';
    const { access, path } = accessToRepository(repository, row, keyring);
    const subject = { image, runId: this.runId, connection: row ? { id: row.id, accessKey: access.key } : null };
    const again = (failed: number, retryAt: Date | null) => {
      const intervalMinutes = row ? servedAgainMinutes : null;
      const jitter = 2 * Math.random() - 1;
      const at = now();
      const next = nextRefreshAt({ now: at, intervalMinutes, failures: row ? 0 : failed, retryAt, jitter });
      return next.getTime() - at.getTime();
    };
    const write = <T>(work: (tx: Tx) => Promise<T>) => this.write(work);
    if (mismatch) {
      const error = { reason: mismatch, message: mismatchMessage(connection), at: now().toISOString() };
      return write((tx) =>
        writeFailure(tx, subject, { error, failure: null, failures: 0, nextInMs: again(0, null), requests: 0 }),
      );
    }
    try {
      const reading = await this.read(image, access, path, lost);
      return await write((tx) =>
        writeWalk(tx, subject, reading, { ...this.writeOptions(), nextInMs: again(0, null), requests: this.requests }),
      );
    } catch (error) {
      if (!(error instanceof RegistryFailure) || this.options.signal?.aborted || lost.aborted) throw error;
      const { reason, message, retryAt } = error.failure;
      const nextInMs = again(failures + 1, retryAt ? new Date(retryAt) : null);
      const stored = { reason, message, at: now().toISOString() };
      return write((tx) =>
        writeFailure(tx, subject, {
          error: stored,
          failure: error,
          failures: failures + 1,
          nextInMs,
          requests: this.requests,
        }),
      );
    }
  }

  private writeOptions() {
    const { settings, now } = this.parts;
    const { autoUpdateMinAgeMinutes } = settings();
    return { autoUpdateMinAgeMinutes, retryFailed: this.options.retryFailed === true, at: now().toISOString() };
  }

  private async write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const written = await this.parts.database.transact(work);
    this.parts.announce();
    return written;
  }

  private read(image: ImageToWalk, access: RegistryAccess, path: string, lost: AbortSignal): Promise<ReadResult> {
    const { registryClient: client, settings, walkTimeoutMs = timeoutMs } = this.parts;
    const { registryMaxTags, registryMaxConcurrencyPerHost } = settings();
    const { signal, requestId } = this.options;
    const signals = [AbortSignal.timeout(walkTimeoutMs), lost, ...(signal ? [signal] : [])];
    return readImage({
      client,
      access,
      path,
      filter: filterOf(image.tag_filter),
      stored: image.digests,
      maxTags: registryMaxTags,
      concurrency: registryMaxConcurrencyPerHost,
      signal: AbortSignal.any(signals),
      requestId,
      onRequest: () => {
        this.requests++;
      },
    });
  }
}
