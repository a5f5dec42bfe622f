import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandFacts, Lookup } from './commandTable';
import { targetOf } from './credentials';
import { printEvents } from './eventLines';
import { exitCodes } from './exitCodes';
import { outgoing, type Written } from './outgoing';
import { allPages } from './pages';
import { printAnswer, type Wishes } from './printed';
import { type Patience, type Service, serviceAt, standardPatience } from './service';
import { CommandFailure, note, print, progress, type Terminal } from './terminal';
import { waitForEnd } from './waiting';

/** What a test makes shorter. */
export interface Timing extends Patience {
  pollMs: number;
}

export const standardTiming: Timing = { ...standardPatience, pollMs: 2000 };

export interface Surroundings {
  terminal: Terminal;
  version: string;
  lookups: Record<string, Lookup>;
  timing: Timing;
}

/** Runs one operation: sends it, and shows what came of it. */
export async function runCommand(around: Surroundings, command: CommandFacts, written: Written): Promise<void> {
  const { terminal, lookups } = around;
  const { flags } = written;
  const wishes: Wishes = { json: flags.json === true, query: text(flags.query), columns: text(flags.columns)?.split(',') };
  const service = connect(around, written);
  const request = await outgoing(terminal, service, command, lookups, written);
  if (command.answer.kind === 'events') return printEvents(terminal, service, request, wishes.json, around.timing.pollMs);
  if (flags.all === true)
    return printAnswer(terminal, command.answer, await allPages(terminal, service, request, command.answer), wishes);
  const answer = await service.ask(request);
  if (flags.wait === true && command.wait && answer.status === 202) {
    const body = await waitForEnd(terminal, service, command.wait, answer, around.timing.pollMs);
    return printAnswer(terminal, { kind: 'json' }, body, wishes);
  }
  await show(terminal, command, answer, wishes, text(flags.output));
}

function connect({ terminal, version, timing }: Surroundings, { flags }: Written): Service {
  const seconds = flags.timeout === undefined ? undefined : Number(flags.timeout);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400)) {
    throw new CommandFailure(exitCodes.usage, '--timeout must be a number of seconds.');
  }
  const patience = seconds === undefined ? timing : { ...timing, timeoutMs: seconds * 1000 };
  return serviceAt(targetOf(terminal.env, text(flags.url)), terminal, version, patience);
}

const text = (given: unknown): string | undefined => (typeof given === 'string' ? given : undefined);

async function show(
  terminal: Terminal,
  command: CommandFacts,
  answer: Response,
  wishes: Wishes,
  file: string | undefined,
): Promise<void> {
  if (answer.status === 304) return note(terminal, 'Not changed.');
  if (answer.body === null || answer.status === 204) return progress(terminal, 'Done.');
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  if (file !== undefined) return save(answer, file);
  if (!isJson && terminal.stdout.isTTY && command.answer.kind === 'bytes') {
    throw new CommandFailure(exitCodes.usage, 'This may be no text: give --output FILE, or redirect the output.');
  }
  if (!isJson) {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) await print(terminal, chunk);
    return;
  }
  const body = await answer.text();
  if (body === '') return progress(terminal, 'Done.');
  await printAnswer(terminal, command.answer, JSON.parse(body), wishes, body);
}

async function save(answer: Response, file: string): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailure(exitCodes.other, `--output: ${file} cannot be written (${code ?? message}).`);
  }
}
