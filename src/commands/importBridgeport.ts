import type { Command } from 'commander';
import type { Patience } from './client/service';
import type { Terminal } from './client/terminal';

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** Adds `import bridgeport`; `end` gets the exit code of what has run. What it needs is loaded when it runs. */
export function addImport(
  program: Command,
  { terminal, version, patience }: { terminal: Terminal; version: string; patience?: Patience },
  end: (exitCode: number) => void,
): void {
  program.commandsGroup('Moving in:');
  const group = program.command('import').description('copy what another installation has');
  group
    .command('bridgeport')
    .description('copy environments and what is in them from a running BridgePort, over its API')
    .requiredOption('--url <url>', 'where BridgePort is')
    .option('--token <token>', 'its token; others can see it in the list of processes, so rather set BRIDGEPORT_TOKEN')
    .option('--token-stdin', 'read its token from the standard input')
    .option('--to-url <url>', 'where Portolan is; default PORTOLAN_URL, else the last login')
    .option('--to-token <token>', 'token for Portolan; default PORTOLAN_TOKEN, else that of the login')
    .option('--environment <name>', 'only this environment; can be repeated', collect)
    .option('--dry-run', 'write nothing, and tell what would be done')
    .option('--no-update', 'leave what is there already as it is, also where it differs')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nObjects are found again by their names and keys, so it can be repeated: what is the same stays, what differs is changed.\n' +
        'Values of secrets and credentials of registries are not handed out by BridgePort; the report lists what to set by hand.\n' +
        'Exit code 0: all is copied that can be copied. 1: something failed.',
    )
    .action(async (wishes) => {
      const { importBridgeport } = require('./import/bridgeport') as typeof import('./import/bridgeport');
      end(await importBridgeport(terminal, version, wishes, patience));
    });
}
