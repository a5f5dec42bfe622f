import { closeWhenDraining, type Exchange } from '../exchange';
import type { Rendered } from '../respond';

const heartbeatMs = 20_000;

/** Sends the events of the example, and then nothing but comments until the client goes, as a quiet service does. */
export function streamEvents(exchange: Exchange, { status, contentType, body, headers }: Rendered): void {
  const { request, response } = exchange;
  closeWhenDraining(exchange);
  Object.assign(exchange.headers, headers, {
    'Cache-Control': 'no-store',
    'Content-Type': contentType as string,
    'X-Accel-Buffering': 'no',
  });
  response.writeHead(status, exchange.headers);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.write(eventsAfter(body.toString(), request.headers['last-event-id'] as string | undefined));
  const beat = setInterval(() => response.write(': still here\n\n'), heartbeatMs);
  response.once('close', () => clearInterval(beat));
}

/** A client that comes back has seen what stands before its last id. */
function eventsAfter(text: string, lastId: string | undefined): string {
  const blocks = text.split(/(?<=\n\n)/);
  const seen = lastId === undefined ? -1 : blocks.findIndex((block) => /^id: ?(.*)$/m.exec(block)?.[1] === lastId);
  const rest = blocks.slice(seen + 1).join('');
  return rest.endsWith('\n\n') || rest === '' ? `${rest}: no more\n\n` : `${rest.replace(/\n*$/, '')}\n\n`;
}
