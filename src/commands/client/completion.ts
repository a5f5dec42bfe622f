import type { Command } from 'commander';
import type { CommandFacts } from './commandTable';
import { exitCodes } from './exitCodes';
import { commandTable, flagsOf } from './knownCommands';
import { optionsOf, sharedOptions } from './options';
import { CommandFailure } from './terminal';

/** Words that can come next, made from the table of commands, so that completion knows what the client knows. */

/** `words` are those behind the program's name; the last one is what is being typed. */
export function completionsOf(words: readonly string[], program: Command): string[] {
  const typed = words[words.length - 1] ?? '';
  return candidates(words.slice(0, -1), typed, program)
    .filter((word) => word.startsWith(typed))
    .sort();
}

function candidates(before: readonly string[], typed: string, program: Command): string[] {
  const [name, verb, ...rest] = before;
  if (name === undefined) return [...program.commands.flatMap((one) => [one.name(), ...one.aliases()]), 'help'];
  const group = commandTable.groups.find((one) => one.name === name || one.aliases.includes(name));
  if (!group) return ofOwnCommand(program, name);
  if (verb === undefined) return group.commands.map((one) => one.verb);
  const command = group.commands.find((one) => one.verb === verb);
  return command ? ofCommand(command, rest, typed) : [];
}

/** A command that is no operation. */
function ofOwnCommand(program: Command, name: string): string[] {
  if (name === 'completion') return Object.keys(scripts);
  const command = program.commands.find((one) => one.name() === name);
  return [
    ...(command?.options ?? []).map((option) => option.long as string),
    ...(command?.commands ?? []).map((one) => one.name()),
  ];
}

function ofCommand(command: CommandFacts, before: string[], typed: string): string[] {
  const last = before[before.length - 1] ?? '';
  const options = [...flagsOf(command).flatMap(optionsOf), ...sharedOptions(command)];
  const open = options.find((option) => option.long === last && option.required);
  if (open) {
    if (last === '--clear') return command.body?.flags.filter((one) => one.nullable).map((one) => one.flag) ?? [];
    return flagsOf(command).find((one) => `--${one.flag}` === last)?.choices ?? [];
  }
  if (!typed.startsWith('-')) return [];
  return [...options.map((option) => option.long as string), '--help'];
}

/** What a shell reads once to complete `portolan`. It asks the program, which answers from its table. */
export function completionScript(shell: string): string {
  const script = scripts[shell];
  if (!script)
    throw new CommandFailure(
      exitCodes.usage,
      `"${shell}" is no shell that is known here; there are ${Object.keys(scripts).join(', ')}.`,
    );
  return script;
}

/** Where nothing is known the shell completes files, as for `@file`. */
const scripts: Record<string, string> = {
  bash: `_portolan() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _portolan portolan
`,
  zsh: `#compdef portolan
_portolan() {
  local -a found
  found=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _portolan portolan
`,
  fish: `function __portolan_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c portolan -a '(__portolan_complete)'
`,
};
