import { type Command, InvalidArgumentError } from 'commander';
import type * as Actions from './keys/actions';
import type { KeysParts } from './keys/parts';

const help = `
Master keys seal credentials, secrets and stored answers in the database. The first key of PORTOLAN_MASTER_KEYS seals, all
of them open. To replace a key:

  1. Give all processes the new key: \`portolan keys add\` where the data folder keeps the keys (keys.json), else put it
     into PORTOLAN_MASTER_KEYS. With several processes put it last, restart all of them, then put it first, and restart
     again, so that each can open what another one seals.
  2. \`portolan keys rotate\`, while they serve. It can be ended at any moment, and goes on when it is started again.
  3. \`portolan keys status\` says when nothing needs the old key; \`portolan keys remove\`, or PORTOLAN_MASTER_KEYS without
     it, and a restart. Keep it as long as backups that need it.

Exit codes: 0 done; 1 not, or not wholly; 2 the command line is wrong; 130 and 143 ended by a signal.`;

/** Loaded by the commands that need it: the others start without the service. */
const actions = (): typeof Actions => require('./keys/actions') as typeof Actions;

/** `portolan keys`: the keys that seal values, how many values each one seals, and their replacement. */
export function addKeys(program: Command, parts: KeysParts): void {
  const command = program.command('keys').description('master keys: which values they seal, and their replacement');
  command.addHelpText('after', help);
  command
    .command('status')
    .description('how many values are sealed with which key; exit code 1 when some need a key that is not configured')
    .option('--json', 'as JSON')
    .action(({ json = false }: { json?: boolean }) => parts.run(() => actions().status(parts, json)));
  command
    .command('rotate')
    .description('seal every value with the first key, while the service runs')
    .option('--batch-size <values>', 'values that are replaced by one statement', batchSize, 500)
    .option('--force', 'also when a running process does not have the first key, and so cannot read what is rotated')
    .action((options: Actions.RotateOptions) => parts.run((signal) => actions().rotateKeys(parts, options, signal)));
  command
    .command('add')
    .description('make a key, and put it first in the keys.json of the data folder; it acts from the next start on')
    .option('--id <id>', 'what it is called: letters, digits, _ and - (default: the next k and number)')
    .action(({ id }: { id?: string }) => parts.run(() => actions().add(parts, id)));
  command
    .command('remove')
    .argument('<id>', 'the key')
    .description('take a key out of the keys.json of the data folder that nothing is sealed with any more')
    .action((id: string) => parts.run(() => actions().remove(parts, id)));
}

function batchSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 10_000) throw new InvalidArgumentError('It is an integer from 1 to 10000.');
  return size;
}
