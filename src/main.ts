#!/usr/bin/env node
import { Command } from 'commander';
import { contractVersion } from '../generated/operations';
import { migrate } from './commands/migrate';
import { serve } from './commands/serve';
import { ConfigError, readConfig } from './config/config';
import { env } from './config/env';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Errors that a person can mend are told in words; the others with their stack. */
function fail(error: unknown): never {
  const known =
    error instanceof ConfigError || (error instanceof Error && 'cause' in error) || (error as Error)?.name === 'FolderInUse';
  process.stderr.write(`portolan: ${known ? (error as Error).message : ((error as Error)?.stack ?? String(error))}\n`);
  process.exit(1);
}

async function runServe(): Promise<void> {
  const starting = serve(readConfig(env()), print);
  const end = () => {
    // A second signal ends at once.
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
    starting
      .then((serving) => serving.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  await starting;
}

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
  .action(() => runServe().catch(fail));
program
  .command('migrate')
  .description('bring the database schema to its newest form, and end')
  .action(() => runMigrate().catch(fail));
program.parse();
