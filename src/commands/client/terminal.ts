import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes; a test gives its own. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  stdin: Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown };
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean };
}

/** Ends a command with words for a person and a code for a script. */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
    /** Further lines, without the program's name. */
    readonly lines: readonly string[] = [],
  ) {
    super(message);
  }
}

/** A line for the person, beside the answer. */
export const note = ({ stderr }: Terminal, line: string): void => void stderr.write(`${line}\n`);

/** A line that is worth something only while somebody watches. */
export function progress(terminal: Terminal, line: string): void {
  if (terminal.stderr.isTTY) note(terminal, line);
}

/** Whether colours help: a person looks at it, and has not asked for none. */
export const inColour = ({ env, stdout }: Terminal): boolean => stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';

/** Writes and waits until a slow reader has taken it. */
export function print({ stdout }: Terminal, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => stdout.write(text, (error) => (error ? reject(error) : resolve())));
}
