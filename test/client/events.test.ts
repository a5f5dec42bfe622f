import type { ServerResponse } from 'node:http';
import { createPortolan, type PortolanEvent } from '../../src/client';
import { answerJson, type ClientServer, type Reply, startClientServer } from '../support/clientServer';
import { environment } from '../support/fixtures';
import { startPortolan } from '../support/portolan';

let server: ClientServer | undefined;
afterEach(() => server?.close());
const start = async (reply: Reply, token: string | (() => string) = 't') => {
  server = await startClientServer(reply);
  return createPortolan({ url: server.url, token, retries: { attempts: 2, baseDelayMs: 1 } });
};
const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const frame = (id: string, n: number) => `id: ${id}\nevent: operation\ndata: {"n":${n}}\n\n`;
const lastIds = () => server?.sent.map(({ headers }) => headers['last-event-id']);

async function take(events: AsyncIterable<PortolanEvent>, count: number): Promise<PortolanEvent[]> {
  const taken: PortolanEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

describe('the stream of events', () => {
  test('is resumed behind the last event, whether it ended or broke', async () => {
    const portolan = await start((_, response, nth) => {
      begin(response).write(`retry: 1\nid: ${nth}-0\n\n`);
      if (nth === 1) response.end(frame('1-1', 1) + frame('1-2', 2));
      else if (nth === 2) response.write(`${frame('2-1', 3)}id: 2-9\n\nid: 9-9\nevent: operation\nda`, () => response.destroy());
      else response.write(frame('3-1', 4));
    });
    const events = await take(portolan.events({ types: ['operation', 'image_update'], environmentId: ['a'] }), 4);
    expect(events.map(({ id, type, data }) => [id, type, data])).toEqual([
      ['1-1', 'operation', { n: 1 }],
      ['1-2', 'operation', { n: 2 }],
      ['2-1', 'operation', { n: 3 }],
      ['3-1', 'operation', { n: 4 }],
    ]);
    // A position alone counts, a frame that was cut off does not.
    expect(lastIds()).toEqual([undefined, '1-2', '2-9']);
    expect(server?.sent[2]?.url).toBe('/api/events?types=operation,image_update&environmentId=a');
  });

  test('outlives a service that is away for longer than one call is tried', async () => {
    const portolan = await start((_, response, nth) => {
      if (nth > 1 && nth < 9) response.destroy();
      else begin(response).end(`retry: 1\nid: ${nth}-0\n\n${frame(`${nth}-1`, nth)}`);
    });
    expect((await take(portolan.events(), 2)).map(({ id }) => id)).toEqual(['1-1', '9-1']);
    expect(lastIds()?.at(-1)).toBe('1-1');
  });

  test('that is silent for too long is taken for broken', async () => {
    const portolan = await start((_, response, nth) => {
      begin(response).write(`retry: 1\n\n${frame(`${nth}-1`, nth)}`);
    });
    expect((await take(portolan.events({ silenceMs: 100 }), 2)).map(({ id }) => id)).toEqual(['1-1', '2-1']);
  });

  test('goes on where the caller says', async () => {
    const portolan = await start((_, response) => begin(response).write(frame('5-2', 1)));
    await take(portolan.events({ lastEventId: '5-1' }), 1);
    expect(lastIds()).toEqual(['5-1']);
  });

  test('whose token ended is resumed with a new one', async () => {
    let tokens = 0;
    const portolan = await start(
      (_, response, nth) => {
        if (nth === 2) return answerJson(response, 401, { code: 'UNAUTHORIZED', message: 'No.', requestId: 'r' });
        begin(response).end(`retry: 1\n\n${frame(`${nth}-1`, 1)}`);
      },
      () => `token-${++tokens}`,
    );
    await take(portolan.events(), 2);
    expect(server?.sent.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  test('that is refused throws, and so does a service that is not there', async () => {
    const portolan = await start((_, response) =>
      answerJson(response, 403, { code: 'FORBIDDEN_SCOPE', message: 'No.', requestId: 'r' }),
    );
    await expect(take(portolan.events(), 1)).rejects.toMatchObject({ code: 'FORBIDDEN_SCOPE' });
    await server?.close();
    await expect(take(portolan.events(), 1)).rejects.toMatchObject({ code: 'NETWORK' });
  });

  test('ends with its signal, and closes its connection', async () => {
    const closed = jest.fn();
    const portolan = await start((_, response) => begin(response).on('close', closed).write(frame('1-1', 1)));
    const stop = new AbortController();
    const following = (async () => {
      for await (const { id } of portolan.events({ signal: stop.signal })) if (id) stop.abort();
    })();
    await expect(following).rejects.toMatchObject({ code: 'ABORTED' });
    await new Promise<void>((resolve) => {
      const look = () => (closed.mock.calls.length > 0 ? resolve() : setTimeout(look, 5));
      look();
    });
  });

  test('of a real service tells what happens there', async () => {
    const service = await startPortolan();
    const portolan = createPortolan({ url: service.url, token: service.adminToken });
    const envId = await environment(service);
    const events = portolan.events({ types: ['resource_changed'], environmentId: [envId] });
    const next = events.next();
    let stop = false;
    // The stream begins with what happens behind its first frame, so that something has to go on happening.
    const writing = (async () => {
      for (let n = 0; !stop; n++) {
        await portolan.call.createVar({ path: { envId }, body: { key: `KEY_${n}`, value: 'x' } });
      }
    })();
    const { value } = await next;
    stop = true;
    await writing;
    expect(value).toMatchObject({
      type: 'resource_changed',
      data: { environmentId: envId, resourceType: 'var', action: 'create' },
    });
    await events.return?.();
    await service.close();
  });
});
