import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Portolan } from './portolan';

export interface Frame {
  id: string;
  event: string;
  data: any;
}

export interface StreamCall {
  /** null = no credential; absent = the administrator's. */
  token?: string | null;
  query?: string;
  lastEventId?: string;
}

/** A client of an event stream, to the letter of what the stream sends. */
export interface EventStream {
  status: number;
  headers: IncomingHttpHeaders;
  /** Everything that was received. */
  text(): string;
  /** Frames that are events. */
  frames: Frame[];
  /** What a client would come again with. */
  lastId(): string;
  /** Waits until there are so many events, and gives them. */
  atLeast(count: number): Promise<Frame[]>;
  /** Waits for the first event of this kind. */
  find(wanted: (frame: Frame) => boolean): Promise<Frame>;
  /** Resolves when the service ended it: orderly, or by cutting the connection. */
  ended: Promise<'end' | 'cut'>;
  /** Reads no more, or goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Opens an event stream; resolves with its head. */
export function openStream(portolan: Portolan, call: StreamCall = {}): Promise<EventStream> {
  const token = call.token === undefined ? portolan.adminToken : call.token;
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(call.lastEventId === undefined ? {} : { 'last-event-id': call.lastEventId }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${portolan.url}/api/events${call.query ? `?${call.query}` : ''}`, { headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => resolve(reading(sent, response)));
    sent.end();
  });
}

function reading(sent: ClientRequest, response: IncomingMessage): EventStream {
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  let [text, rest, last] = ['', '', ''];
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() as string;
    for (const block of blocks) {
      const frame = frameOf(block);
      last = frame.id ?? last;
      if (frame.event !== undefined) frames.push({ id: last, event: frame.event, data: JSON.parse(frame.data ?? 'null') });
    }
    for (const look of [...waiting]) look();
  });
  const ended = new Promise<'end' | 'cut'>((resolve) => {
    response.on('end', () => resolve('end'));
    response.on('error', () => resolve('cut'));
    sent.on('error', () => resolve('cut'));
  });
  const until = <T>(read: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${what} never came; there are ${frames.length} events: ${text.slice(-1000)}`));
      }, 10_000);
      const look = () => {
        const value = read();
        if (value === undefined) return;
        clearTimeout(timeout);
        waiting.delete(look);
        resolve(value);
      };
      waiting.add(look);
      look();
    });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => text,
    frames,
    lastId: () => last,
    atLeast: (count) => until(() => (frames.length >= count ? frames : undefined), `${count} events`),
    find: (wanted) => until(() => frames.find(wanted), 'the event'),
    ended,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => void sent.destroy(),
  };
}

function frameOf(block: string): Record<string, string | undefined> {
  const fields: Record<string, string | undefined> = {};
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) continue;
    const colon = line.indexOf(': ');
    fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return fields;
}
