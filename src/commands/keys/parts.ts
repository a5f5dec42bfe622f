import type { Config } from '../../config/config';

/** What the process gives the commands about keys. */
export interface KeysParts {
  config(): Promise<Config>;
  print(text: string): void;
  /** Told beside the result: progress, and what a script should not have to read. */
  tell(text: string): void;
  /** Whether what is told goes to a terminal, where a line can be written over. */
  isTerminal: boolean;
  /** Runs a command to its exit code; the signal asks it to end early. */
  run(command: (signal: AbortSignal) => Promise<number>): Promise<void>;
}
