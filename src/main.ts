#!/usr/bin/env node
import type { Command } from 'commander';
import { commandTable } from './commands/client/knownCommands';
import { addClient, newProgram, tellFailure } from './commands/client/program';
import type { Terminal } from './commands/client/terminal';
import { addImport } from './commands/importBridgeport';
import { addKeys } from './commands/keys';
import { addMock } from './commands/mock';
import type { Running } from './commands/running';
import type { Config } from './config/config';
import { env, takeEnv } from './config/env';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Errors that a person can mend are told in words; the others with their stack. */
function fail(error: unknown): never {
  const name = (error as Error)?.name;
  const known = ['ConfigError', 'FolderInUse'].includes(name) || (error instanceof Error && 'cause' in error);
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

type RunningCommand = (config: Config, print: (text: string) => void) => Promise<Running>;

/** The service is loaded by the commands that run it: the client does without. */
async function configured(): Promise<Config> {
  const { readConfig } = require('./config/config') as typeof import('./config/config');
  return readConfig(takeEnv());
}

const running = (load: () => Promise<RunningCommand>): Promise<void> =>
  load()
    .then(async (command) => untilSignal(command(await configured(), print)))
    .catch(fail);

async function runMigrate(): Promise<void> {
  const { migrate } = require('./commands/migrate') as typeof import('./commands/migrate');
  await migrate(await configured(), print);
}

function addProcesses(program: Command): void {
  program.commandsGroup('The service itself:');
  program
    .command('serve')
    .description('run the API; without DATABASE_URL on an embedded Postgres in PORTOLAN_DATA')
    .addHelpText('after', '\nIt runs jobs too unless WORKER=false; then run `portolan work` beside it.')
    .action(() => running(async () => (require('./commands/serve') as typeof import('./commands/serve')).serve));
  program
    .command('work')
    .description('run jobs only, on the same database as `serve`; any number of processes')
    .addHelpText(
      'after',
      '\nNeeds DATABASE_URL and PORTOLAN_MASTER_KEYS as `serve` has them: the embedded Postgres belongs to one process.\nWORKER_CONCURRENCY jobs run at a time. No port is listened on, except METRICS_PORT when it is set.',
    )
    .action(() => running(async () => (require('./commands/work') as typeof import('./commands/work')).work));
  program
    .command('migrate')
    .description('bring the database schema to its newest form, and end')
    .action(() => runMigrate().catch(fail));
  addMock(program, { print, run: (starting) => untilSignal(starting).catch(fail) });
  addKeys(program, {
    config: configured,
    print,
    tell: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    run: untilEnd,
  });
}

async function main(argv: string[]): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const { stdin, stdout, stderr } = process;
  const terminal: Terminal = { env: env(), stdin, stdout, stderr };
  const program = newProgram(terminal);
  program.addHelpText('after', '\nSettings of the service are environment variables; README.md lists them.');
  addProcesses(program);
  addClient(program, terminal, argv);
  addImport(program, { terminal, version: commandTable.version }, (code) => {
    process.exitCode = code;
  });
  if (argv[0] === '__complete') {
    const { completionsOf } = require('./commands/client/completion') as typeof import('./commands/client/completion');
    print(completionsOf(argv.slice(1), program).join('\n'));
    return;
  }
  await program.parseAsync(argv, { from: 'user' });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { stdin, stdout, stderr } = process;
  process.exitCode = tellFailure({ env: env(), stdin, stdout, stderr }, error);
});
