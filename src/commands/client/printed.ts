import type { AnswerFacts } from './commandTable';
import { exitCodes } from './exitCodes';
import { plain } from './service';
import { recordTable, rowsTable } from './tables';
import { CommandFailure, note, print, type Terminal } from './terminal';

/** How the person wants to see an answer. */
export interface Wishes {
  json: boolean;
  /** JMESPath. */
  query?: string | undefined;
  columns?: string[] | undefined;
}

type Body = Record<string, any>;

/** Prints a JSON answer: as it came, what a query finds in it, or as a table. `text` is the answer as it came. */
export async function printAnswer(
  terminal: Terminal,
  facts: AnswerFacts,
  body: unknown,
  wishes: Wishes,
  text?: string,
): Promise<void> {
  if (wishes.query !== undefined) return printFound(terminal, await search(body, wishes.query), wishes);
  if (wishes.json) return print(terminal, ended(text ?? JSON.stringify(body, null, 2)));
  const list = facts.list === undefined ? undefined : (body as Body)[facts.list];
  if (!Array.isArray(list)) return print(terminal, recordTable(terminal, unwrapped(body)));
  await print(terminal, rowsTable(terminal, list, wishes.columns ?? facts.columns));
  tellOfMore(terminal, body as Body, list.length);
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

async function search(body: unknown, query: string): Promise<unknown> {
  const { search: find } = await import('@jmespath-community/jmespath');
  try {
    return find(body as never, query);
  } catch (error) {
    throw new CommandFailure(exitCodes.usage, `--query: ${plain((error as Error).message)}`);
  }
}

/** With --json JSON; else plain values by the line, and tables of the rest. */
function printFound(terminal: Terminal, found: unknown, { json, columns }: Wishes): Promise<void> {
  if (json) return print(terminal, `${JSON.stringify(found ?? null, null, 2)}\n`);
  if (found === null || found === undefined) return Promise.resolve();
  if (Array.isArray(found)) {
    if (found.every((one) => one !== null && typeof one === 'object' && !Array.isArray(one))) {
      return found.length === 0 ? Promise.resolve() : print(terminal, rowsTable(terminal, found, columns));
    }
    return print(terminal, found.map((one) => `${line(one)}\n`).join(''));
  }
  return print(terminal, typeof found === 'object' ? recordTable(terminal, found as Body) : `${line(found)}\n`);
}

const line = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The object in its envelope. */
function unwrapped(body: unknown): Body {
  if (body === null || typeof body !== 'object') return { value: body };
  const entries = Object.entries(body as Body);
  const [[, only] = []] = entries;
  return entries.length === 1 && only !== null && typeof only === 'object' && !Array.isArray(only) ? only : (body as Body);
}

function tellOfMore(terminal: Terminal, body: Body, shown: number): void {
  const total = body.total ?? body.pagination?.total_results;
  const more = typeof body.nextCursor === 'string' || body.pagination?.next;
  if (more) note(terminal, `${shown} of ${total}; --all shows all.`);
}
