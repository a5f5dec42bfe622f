import { Command, CommanderError } from 'commander';
import type { GroupFacts } from './commandTable';
import { exitCodes, exitCodeTable } from './exitCodes';
import { commandTable, flagsOf } from './knownCommands';
import { optionsOf, sharedOptions } from './options';
import type { Surroundings, Timing } from './run';
import { CommandFailure, note, type Terminal } from './terminal';
import type { Given } from './values';

/**
 * Adds the client to the program: its groups, and the verbs of the group that the arguments name. What a command needs to run
 * is loaded when it runs, so that help and completion answer at once.
 */
export function addClient(program: Command, terminal: Terminal, argv: readonly string[], timing?: Timing): void {
  const around = async (): Promise<Surroundings> => {
    const { standardTiming } = require('./run') as typeof import('./run');
    return { terminal, version: commandTable.version, lookups: commandTable.lookups, timing: timing ?? standardTiming };
  };
  addSession(program, around);
  addCompletion(program, terminal);
  program.commandsGroup('Operations of the service:');
  const [first, second] = argv;
  const named = first === 'help' ? second : first;
  for (const group of commandTable.groups) {
    const command = program.command(group.name).description(group.summary).aliases(group.aliases);
    command.addHelpText('after', '\nEach verb has a --help of its own.');
    if (named !== undefined && [group.name, ...group.aliases].includes(named)) addVerbs(command, group, around);
  }
  program.addHelpText('after', `\n${exitCodeHelp()}`);
}

const exitCodeHelp = (): string => ['Exit codes:', ...exitCodeTable.map(([code, meaning]) => `  ${code}  ${meaning}`)].join('\n');

function addSession(program: Command, around: () => Promise<Surroundings>): void {
  program.commandsGroup('Signing in:');
  program
    .command('login')
    .description('sign in, and keep the token in a file that only its owner reads')
    .option('--url <url>', 'where the service is; default PORTOLAN_URL, the last login, http://127.0.0.1:3000')
    .option('--email <email>', 'who signs in')
    .option('--password-stdin', 'read the password from the standard input instead of asking')
    .option('--token-stdin', 'keep an API token from the standard input')
    .action(async (wishes) => (require('./login') as typeof import('./login')).login(await around(), wishes));
  program
    .command('logout')
    .description('end the login, and forget its token')
    .option('--url <url>', 'where the service is')
    .action(async (wishes) => (require('./login') as typeof import('./login')).logout(await around(), wishes));
  program
    .command('whoami')
    .description('show who the credential in use is')
    .option('--url <url>', 'where the service is')
    .option('--json', 'print the answer as it is')
    .action(async (wishes) => (require('./login') as typeof import('./login')).whoami(await around(), wishes));
}

function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands and flags')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', '\nIn ~/.bashrc: source <(portolan completion bash)')
    .action(async (shell: string) => {
      const { completionScript } = require('./completion') as typeof import('./completion');
      terminal.stdout.write(completionScript(shell));
    });
}

function addVerbs(parent: Command, group: GroupFacts, around: () => Promise<Surroundings>): void {
  for (const facts of group.commands) {
    const command = parent.command(facts.verb).summary(facts.summary);
    command.description([`${facts.summary}.`, flowing(facts.description)].filter(Boolean).join('\n\n'));
    for (const { name, label, help, lookup } of facts.arguments) {
      if (name !== 'envId') command.argument(`<${label}>`, lookup ? `${help} Its name will do.` : help);
    }
    for (const flag of flagsOf(facts)) for (const option of optionsOf(flag)) command.addOption(option);
    for (const option of sharedOptions(facts)) command.addOption(option);
    command.addHelpText(
      'after',
      `\nExample:\n  ${facts.example}\n\nOperation: ${facts.operationId}, ${facts.method} ${facts.path}`,
    );
    command.action(async () => {
      const { runCommand } = require('./run') as typeof import('./run');
      await runCommand(await around(), facts, { arguments: command.args, flags: givenTo(command) });
    });
  }
}

/** Paragraphs without the line ends of their source; lists keep theirs. */
const flowing = (text: string): string => text.replace(/([^\n])\n(?![\n\s]|[-*] )/g, '$1 ');

function givenTo(command: Command): Record<string, Given | undefined> {
  const given: Record<string, Given | undefined> = {};
  for (const option of command.options) {
    const value = command.getOptionValue(option.attributeName());
    // `--x` and `--no-x` are one flag with one value.
    if (value !== undefined) given[option.name().replace(option.negate ? /^no-/ : /^$/, '')] = value as Given;
  }
  return given;
}

/** What a failed command line is to end with, after it was told in words. */
export function tellFailure(terminal: Terminal, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CommandFailure) {
    note(terminal, `portolan: ${error.message}`);
    for (const line of error.lines) note(terminal, `  ${line}`);
    return error.exitCode;
  }
  note(terminal, `portolan: ${(error as Error)?.stack ?? String(error)}`);
  return exitCodes.other;
}

/** A program whose output goes to the terminal and whose faults come back as errors. */
export function newProgram(terminal: Terminal): Command {
  return new Command('portolan')
    .description('A contract-first control plane for container delivery.')
    .version(commandTable.version)
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help to see what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Runs a command line of the client; gives the exit code. */
export async function runClient(argv: readonly string[], terminal: Terminal, timing?: Timing): Promise<number> {
  const program = newProgram(terminal);
  addClient(program, terminal, argv, timing);
  return program.parseAsync(argv, { from: 'user' }).then(
    () => exitCodes.ok,
    (error: unknown) => tellFailure(terminal, error),
  );
}
