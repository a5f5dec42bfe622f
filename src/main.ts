#!/usr/bin/env node
import { Command } from 'commander';
import { contractVersion } from '../generated/operations';
import { keysCommand } from './commands/keys';
import { migrate } from './commands/migrate';
import type { Running } from './commands/running';
import { serve } from './commands/serve';
import { work } from './commands/work';
import { type Config, ConfigError, readConfig } from './config/config';
import { env } from './config/env';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Errors that a person can mend are told in words; the others with their stack. */
function fail(error: unknown): never {
  const known =
    error instanceof ConfigError || (error instanceof Error && 'cause' in error) || (error as Error)?.name === 'FolderInUse';
  process.stderr.write(`portolan: ${known ? (error as Error).message : ((error as Error)?.stack ?? String(error))}\n`);
  process.exit(1);
}

/** Goes on until a signal asks for the end. */
async function untilSignal(starting: Promise<Running>): Promise<void> {
  const end = () => {
    // A second signal ends at once.
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
    starting
      .then((running) => running.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  await starting;
}

/** Runs to an exit code of its own; a signal asks for an early end, a second one ends at once. */
function untilEnd(command: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const asked = new AbortController();
  let exitCode: number | undefined;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (exitCode !== undefined) process.exit(code);
      exitCode = code;
      asked.abort();
    });
  }
  return command(asked.signal).then((code) => process.exit(exitCode ?? code), fail);
}

const running = (command: (config: Config, print: (text: string) => void) => Promise<Running>): Promise<void> =>
  Promise.resolve()
    .then(() => untilSignal(command(readConfig(env()), print)))
    .catch(fail);

async function runMigrate(): Promise<void> {
  await migrate(readConfig(env()), print);
}

const program = new Command('portolan')
  .description('A contract-first control plane for container delivery.')
  .version(contractVersion)
  .addHelpText('after', '\nSettings are environment variables; README.md lists them.');
program
  .command('serve')
  .description('run the API; without DATABASE_URL on an embedded Postgres in PORTOLAN_DATA')
  .addHelpText('after', '\nIt runs jobs too unless WORKER=false; then run `portolan work` beside it.')
  .action(() => running(serve));
program
  .command('work')
  .description('run jobs only, on the same database as `serve`; any number of processes')
  .addHelpText(
    'after',
    '\nNeeds DATABASE_URL and PORTOLAN_MASTER_KEYS as `serve` has them: the embedded Postgres belongs to one process.\nWORKER_CONCURRENCY jobs run at a time. No port is listened on, except METRICS_PORT when it is set.',
  )
  .action(() => running(work));
program
  .command('migrate')
  .description('bring the database schema to its newest form, and end')
  .action(() => runMigrate().catch(fail));
program.addCommand(
  keysCommand({
    config: async () => readConfig(env()),
    print,
    tell: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    run: untilEnd,
  }),
);
program.parse();
