import { isObject } from '../../domain/isObject';
import { exitCodes } from '../client/exitCodes';
import type { Service } from '../client/service';
import { CommandFailure } from '../client/terminal';
import type { Answered } from './records';

const pageSize = 1000;

/** Reads the API that both installations speak. */
export interface Reader {
  /** Everything that a list has; `partial` when it says that there is more and does not hand it out. */
  list(path: string, member: string): Promise<{ objects: Answered[]; partial: boolean }>;
  /** One object, taken out of its envelope. */
  object(path: string, member: string): Promise<Answered>;
  bytes(path: string): Promise<Buffer>;
}

export function readerOf(service: Service): Reader {
  const get = (path: string) => service.ask({ method: 'GET', path, headers: { 'content-type': 'application/json' } });
  const body = async (path: string): Promise<Answered> => {
    const answer = await get(path);
    const value: unknown = await answer.json().catch(() => undefined);
    if (isObject(value)) return value;
    throw new CommandFailure(exitCodes.other, `${service.url}${path} answers something else than a JSON object.`);
  };
  return {
    list: (path, member) => wholeList(service.url, body, path, member),
    async object(path, member) {
      const answer = await body(path);
      const inside = answer[member];
      return isObject(inside) ? inside : answer;
    },
    bytes: async (path) => Buffer.from(await (await get(path)).arrayBuffer()),
  };
}

/** Follows cursors, else offsets, for as long as they bring something new: an installation may know neither. */
async function wholeList(url: string, body: (path: string) => Promise<Answered>, path: string, member: string) {
  const objects: Answered[] = [];
  const seen = new Set<unknown>();
  let query = `limit=${pageSize}`;
  for (;;) {
    const page = await body(`${path}?${query}`);
    const rows = page[member];
    if (!Array.isArray(rows)) throw new CommandFailure(exitCodes.other, `${url}${path} answers without the list ${member}.`);
    const fresh = rows.filter((row): row is Answered => isObject(row) && !seen.has(row.id));
    for (const row of fresh) {
      seen.add(row.id);
      objects.push(row);
    }
    const total = typeof page.total === 'number' ? page.total : objects.length;
    const isCursor = typeof page.nextCursor === 'string' && page.nextCursor !== '';
    if (fresh.length === 0 || (!isCursor && objects.length >= total)) return { objects, partial: objects.length < total };
    query = isCursor
      ? `limit=${pageSize}&cursor=${encodeURIComponent(page.nextCursor as string)}`
      : `limit=${pageSize}&offset=${objects.length}`;
  }
}
