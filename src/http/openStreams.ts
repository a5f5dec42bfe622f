import type { ServerResponse } from 'node:http';
import type { Authenticator, Verdict } from '../auth/authenticator';
import type { Principal } from '../domain/access/principal';
import { Problem } from '../domain/errors';
import type { Stream, StreamSink } from '../operations/handler';
import type { Exchange } from './exchange';

export interface OpenStreamsOptions {
  look: Authenticator['look'];
  /** Streams that one principal may have open at this process. */
  mostPerPrincipal: number;
  /** A line at least this often, so that nobody between takes the connection for dead. */
  heartbeatMs?: number;
  /** How often credentials are looked at without having heard anything of them. */
  checkMs?: number;
  /** Not longer than this without having looked at a credential; longer while the database is away, a stream is cut. */
  uncheckedMs?: number;
  /** A client is behind when so much waits for it; then nothing is added before it has read that. */
  behindBytes?: number;
  /** How long a client that is behind may take to read what waits for it. */
  patienceMs?: number;
}

/** Why a stream ended, for the log. */
export type StreamEnd = 'client' | 'credential' | 'unchecked' | 'slow' | 'draining' | 'source';

/** The answers that go on. Each ends with its credential, when its client does not read, and when the process stops. */
export interface OpenStreams {
  readonly count: number;
  /** Writes the head of the answer and lets the stream run. Refuses one more than a principal may have (429). */
  open(exchange: Exchange, contentType: string, start: (sink: StreamSink) => Stream): void;
  /** Some credential has changed: looks at all, soon. */
  recheck(): void;
  /** Ends all, and from now on each as soon as it was opened. */
  drain(): void;
}

interface Open {
  exchange: Exchange;
  principal: Principal;
  stream: Stream;
  expiresAtMs: number;
  checkedAtMs: number;
  wroteAtMs: number;
}

export function createOpenStreams(options: OpenStreamsOptions): OpenStreams {
  return new Streams({
    heartbeatMs: 20_000,
    checkMs: 5000,
    uncheckedMs: 20_000,
    behindBytes: 256 * 1024,
    patienceMs: 20_000,
    ...options,
  });
}

const tickMs = 1000;

class Streams implements OpenStreams {
  private readonly all = new Set<Open>();
  private draining = false;
  private ticking: NodeJS.Timeout | undefined;
  private checking = false;
  private checkAgain = false;
  private lookedAtMs = 0;

  constructor(private readonly options: Required<OpenStreamsOptions>) {}

  get count(): number {
    return this.all.size;
  }

  open(exchange: Exchange, contentType: string, start: (sink: StreamSink) => Stream): void {
    const { response, principal } = exchange;
    if (!principal) throw new Error('A stream without a principal would never end');
    this.requireRoom(principal, exchange.request.method);
    Object.assign(exchange.headers, {
      'Cache-Control': 'no-store',
      'Content-Type': contentType,
      // Proxies that gather answers would keep events back.
      'X-Accel-Buffering': 'no',
    });
    response.writeHead(200, exchange.headers);
    if (exchange.request.method === 'HEAD' || response.destroyed) {
      response.end();
      return;
    }
    response.flushHeaders();
    const now = Date.now();
    const open: Open = {
      exchange,
      principal,
      stream: undefined as unknown as Stream,
      expiresAtMs: Number.POSITIVE_INFINITY,
      checkedAtMs: now,
      wroteAtMs: now,
    };
    exchange.stream = { openedAtMs: performance.now(), end: undefined };
    this.all.add(open);
    response.once('close', () => this.forget(open));
    open.stream = start(this.sinkOf(open));
    if (this.draining) {
      this.end(open, 'draining');
      return;
    }
    this.ticking ??= setInterval(() => this.tick(), tickMs).unref();
    // Tells when the credential expires; and it may have ended since it was looked at.
    this.recheck();
  }

  private requireRoom({ id }: Principal, method: string | undefined): void {
    const { mostPerPrincipal } = this.options;
    if (method === 'HEAD') return;
    const count = [...this.all].filter(({ principal }) => principal.id === id).length;
    if (count < mostPerPrincipal) return;
    throw new Problem('rate_limited', {
      message: `This principal has ${count} streams open, and may have ${mostPerPrincipal}.`,
      hint: 'Close one, or let several parts of a client share one.',
      retryAfterSeconds: 10,
    });
  }

  private sinkOf(open: Open): StreamSink {
    const { response } = open.exchange;
    return {
      write: (text) => {
        if (response.writableEnded || response.destroyed) return true;
        open.wroteAtMs = Date.now();
        response.write(text);
        return response.writableLength < this.options.behindBytes;
      },
      drained: () => this.drained(open),
      end: () => this.end(open, 'source'),
    };
  }

  /** Resolves when what was written has left, or the stream is over. A client that does not read for too long is cut. */
  private drained(open: Open): Promise<void> {
    const { response } = open.exchange;
    if (!response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const patience = setTimeout(() => this.cut(open, 'slow'), this.options.patienceMs).unref();
      const done = () => {
        clearTimeout(patience);
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }

  private end({ exchange, stream }: Open, why: StreamEnd): void {
    if (exchange.stream) exchange.stream.end ??= why;
    stream?.close();
    finish(exchange.response, this.options.patienceMs);
  }

  /** Without waiting for the client to read the rest; it comes again with the id that it read last. */
  private cut({ exchange, stream }: Open, why: StreamEnd): void {
    if (exchange.stream) exchange.stream.end ??= why;
    stream?.close();
    exchange.response.destroy();
  }

  private forget(open: Open): void {
    open.stream?.close();
    this.all.delete(open);
    if (this.all.size > 0) return;
    clearInterval(this.ticking);
    this.ticking = undefined;
  }

  private tick(): void {
    const now = Date.now();
    const { heartbeatMs, checkMs, uncheckedMs } = this.options;
    for (const open of this.all) {
      if (open.expiresAtMs <= now) this.end(open, 'credential');
      else if (now - open.checkedAtMs > uncheckedMs) this.cut(open, 'unchecked');
      else if (now - open.wroteAtMs >= heartbeatMs) open.stream.beat();
    }
    if (now - this.lookedAtMs >= checkMs) this.recheck();
  }

  recheck(): void {
    this.checkAgain = true;
    if (this.checking || this.all.size === 0) return;
    this.checking = true;
    void this.check().finally(() => {
      this.checking = false;
    });
  }

  private async check(): Promise<void> {
    while (this.checkAgain && this.all.size > 0) {
      this.checkAgain = false;
      const now = Date.now();
      const checked = [...this.all];
      const credentials = new Set(checked.map(({ principal }) => principal.credential));
      try {
        const verdicts = await this.options.look([...credentials]);
        this.lookedAtMs = now;
        for (const open of checked) this.judge(open, verdicts.get(open.principal.credential) ?? 'unknown', now);
      } catch {
        // The database is away; the next tick looks again, and events do not come meanwhile.
      }
    }
  }

  /** A credential that ended ends its streams; one that allows more or less from now on goes on with that. */
  private judge(open: Open, verdict: Verdict, checkedAtMs: number): void {
    if (typeof verdict === 'string') {
      this.end(open, 'credential');
      return;
    }
    open.checkedAtMs = checkedAtMs;
    open.expiresAtMs = verdict.expiresAtMs;
    open.principal = verdict.principal;
    open.stream.admit(verdict.principal);
  }

  drain(): void {
    this.draining = true;
    for (const open of [...this.all]) this.end(open, 'draining');
  }
}

/** Ends an answer; a client that does not take the end is cut off. */
function finish(response: ServerResponse, patienceMs: number): void {
  if (response.writableEnded || response.destroyed) return;
  response.end();
  const patience = setTimeout(() => response.destroy(), patienceMs).unref();
  response.once('close', () => clearTimeout(patience));
}
