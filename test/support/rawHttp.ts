import { connect, type Socket } from 'node:net';

/** HTTP by hand, for what a client library does not send. */

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** Parsed JSON; undefined for anything else. */
  body: any;
}

export interface RawConnection {
  socket: Socket;
  write(bytes: string | Buffer): void;
  /** The next answer; undefined when the connection ended without one. `bodyless`: the answer to a HEAD. */
  next(bodyless?: boolean): Promise<RawAnswer | undefined>;
  /** Resolves when the server closed. */
  closed: Promise<void>;
  end(): void;
}

/** Opens a connection to the service at `url`. */
export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = Buffer.alloc(0);
  let over = false;
  let wake: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      over = true;
      wake();
      resolve();
    });
  });
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(bytes),
    end: () => socket.destroy(),
    async next(bodyless = false) {
      for (;;) {
        const found = takeAnswer(received, bodyless, over);
        if (found) {
          received = received.subarray(found.length);
          return found.answer;
        }
        if (over) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function takeAnswer(bytes: Buffer, bodyless: boolean, over: boolean): { answer: RawAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
  const status = Number(statusLine.split(' ')[1]);
  const empty = bodyless || status === 204 || status === 304 || status === 100;
  const declared = headers['content-length'];
  if (!empty && declared === undefined && !over) return undefined;
  const size = empty ? 0 : declared === undefined ? bytes.length - end - 4 : Number(declared);
  const length = end + 4 + size;
  if (bytes.length < length && !over) return undefined;
  const text = bytes.subarray(end + 4, length).toString('utf8');
  const isJson = headers['content-type']?.startsWith('application/json') && text !== '';
  return { answer: { status, headers, text, body: isJson ? JSON.parse(text) : undefined }, length };
}

export interface RawRequest {
  method?: string;
  path: string;
  /** Lines as they stand, without the line end. */
  headers?: string[];
  body?: string | Buffer;
}

/** The bytes of a request; a body gets its length and the JSON media type unless the headers say otherwise. */
export function rawRequest({ method = 'GET', path, headers = [], body }: RawRequest): Buffer {
  const has = (name: string) => headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const content = body === undefined ? undefined : Buffer.from(body as string);
  const lines = [`${method} ${path} HTTP/1.1`, ...(has('host') ? [] : ['Host: portolan.test']), ...headers];
  if (content && !has('content-length') && !has('transfer-encoding')) lines.push(`Content-Length: ${content.length}`);
  if (content && !has('content-type')) lines.push('Content-Type: application/json');
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content ?? Buffer.alloc(0)]);
}

/** One request on a connection of its own. */
export async function sendRaw(url: string, request: RawRequest): Promise<RawAnswer> {
  const connection = openRaw(url);
  connection.write(rawRequest(request));
  const answer = await connection.next(request.method === 'HEAD');
  connection.end();
  if (!answer) throw new Error(`${request.method ?? 'GET'} ${request.path} was not answered`);
  return answer;
}
