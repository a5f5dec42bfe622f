import { setTimeout as delay } from 'node:timers/promises';
import type { Outgoing, Service } from './service';
import { plain } from './service';
import { note, print, type Terminal } from './terminal';

interface Frame {
  id: string;
  event: string;
  data: string;
}

/**
 * Prints events by the line as they come. When the service ends the stream, as it does when it stops, it is resumed behind
 * the last event; it ends when the service refuses that, by the person, or where a stream that shall not follow ends.
 */
export async function printEvents(
  terminal: Terminal,
  service: Service,
  request: Outgoing,
  json: boolean,
  pauseMs: number,
): Promise<void> {
  let last = '';
  let pause = pauseMs;
  const follows = new URLSearchParams(request.path.split('?')[1]).get('follow') !== 'false';
  for (;;) {
    const headers = last ? { ...request.headers, 'last-event-id': last } : request.headers;
    const answer = await service.ask({ ...request, headers });
    try {
      for await (const frame of framesOf(answer)) {
        if (typeof frame === 'number') pause = Math.min(frame, pauseMs);
        else {
          last = frame.id || last;
          await print(terminal, lineOf(frame, json));
        }
      }
      if (!follows) return;
    } catch (error) {
      if (!isCutOff(error)) throw error;
    }
    note(terminal, 'portolan: the stream ended; going on behind the last event.');
    await delay(pause);
  }
}

function lineOf({ id, event, data }: Frame, json: boolean): string {
  let value: unknown = data;
  try {
    value = JSON.parse(data);
  } catch {
    // A frame may carry a text.
  }
  return json ? `${JSON.stringify({ id, event, data: value })}\n` : `${plain(event)} ${plain(data)}\n`;
}

/** The connection went away in the middle of the stream. */
const isCutOff = (error: unknown): boolean => (error as Error)?.name === 'TypeError';

/** Frames with data, and pauses that the service wishes for. */
async function* framesOf(answer: Response): AsyncGenerator<Frame | number> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop() as string;
    for (const block of blocks) {
      const fields = block.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line));
      const valuesOf = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] as string] : []));
      const [retry] = valuesOf('retry');
      if (retry) yield Number(retry);
      const data = valuesOf('data');
      if (data.length > 0) yield { id: valuesOf('id')[0] ?? '', event: valuesOf('event')[0] ?? 'message', data: data.join('\n') };
    }
  }
}
