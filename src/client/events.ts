import type { Perform } from './caller';
import { PortolanError } from './errors';
import { type EventFrame, EventFrames } from './eventFrames';
import { backOffMs, standardRetries } from './retries';
import { abortedBy, pauseFor } from './sending';
import type { InputOf, Schemas } from './types';

interface EventData {
  operation: Schemas['OperationEvent'];
  image_update: Schemas['ImageUpdateEvent'];
  registry_refresh: Schemas['RegistryEvent'];
  resource_changed: Schemas['ResourceChangedEvent'];
  /** Events are missing: read again what you show, and go on from here. */
  reset: Schemas['ResetEvent'];
}

/** What happened. A service that is newer than this client may send types beside these. */
export type PortolanEvent = {
  [Type in keyof EventData]: {
    type: Type;
    /** Hand it over as `lastEventId` to go on behind this event. */
    id: string;
    data: EventData[Type];
  };
}[keyof EventData];

type Filters = NonNullable<InputOf<'streamEvents'>['query']>;

export interface EventOptions {
  /** Only events of these types. */
  types?: Filters['types'];
  /** Only events of these environments. */
  environmentId?: Filters['environmentId'];
  /** Go on behind this event, of the last ten minutes. */
  lastEventId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** A stream that is silent for so long is taken for broken: a minute unless set. The service says something every 20 s. */
  silenceMs?: number | undefined;
}

const standardPauseMs = 2000;
/** Behind a stream that broke, these come and go. */
const passing = new Set(['NETWORK', 'TIMEOUT', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL', 'BAD_RESPONSE']);

/**
 * Events as they come. A stream that breaks is resumed behind the last event, for as long as it takes; what the service
 * refuses is thrown, and so is what fails before the first stream.
 */
export async function* eventsOf(perform: Perform, options: EventOptions = {}): AsyncGenerator<PortolanEvent, void, undefined> {
  const { types, environmentId, signal, silenceMs = 60_000 } = options;
  let last = options.lastEventId ?? '';
  let pauseMs = standardPauseMs;
  for (let [failed, open] = [0, false]; ; ) {
    try {
      const header = last ? { 'Last-Event-ID': last } : {};
      const { data } = await perform('streamEvents', { query: { types, environmentId }, header, signal });
      open = true;
      failed = 0;
      for await (const frame of framesOf(data as ReadableStream<Uint8Array>, silenceMs, signal)) {
        if (frame.retryMs !== undefined) pauseMs = frame.retryMs;
        // Behind what the reader has seen, not behind what was only sent.
        if (frame.data !== undefined) yield eventOf(frame);
        last = frame.id || last;
      }
    } catch (error) {
      if (!open || !(error instanceof PortolanError) || !passing.has(error.code)) throw error;
      failed++;
    }
    const waitMs = backOffMs(failed + 1, { ...standardRetries, baseDelayMs: pauseMs });
    await pauseFor(waitMs, signal, 'streamEvents');
  }
}

function eventOf({ id, type, data }: EventFrame): PortolanEvent {
  return { id, type, data: JSON.parse(data as string) } as PortolanEvent;
}

async function* framesOf(
  stream: ReadableStream<Uint8Array>,
  silenceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventFrame, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const frames = new EventFrames();
  try {
    for (;;) {
      const { done, value } = await unlessSilent(reader.read(), silenceMs);
      if (done) return;
      yield* frames.add(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    if (signal?.aborted) throw abortedBy(signal, 'streamEvents');
    if (error instanceof PortolanError) throw error;
    throw new PortolanError({ code: 'NETWORK', message: 'The stream broke.', operationId: 'streamEvents', cause: error });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function unlessSilent<T>(reading: Promise<T>, silenceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const silent = () => new PortolanError({ code: 'TIMEOUT', message: `Nothing was sent for ${silenceMs} ms.` });
    timer = setTimeout(() => reject(silent()), silenceMs);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
