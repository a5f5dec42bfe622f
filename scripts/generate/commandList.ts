import type { CommandTable } from '../../src/commands/client/commandTable';

const begin = '<!-- Written by `npm run generate` up to the end of the list. -->';
const end = '<!-- End of the list. -->';

/** A document whose list of commands is that of the table; what stands around it is left as it is. */
export function withCommandList(text: string, table: CommandTable): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/cli.md has lost its marks: ${begin} and ${end}`);
  return `${before}${begin}\n\n${commandList(table)}\n${end}${after}`;
}

function commandList({ groups }: CommandTable): string {
  const sections = groups.map(({ name, aliases, summary, commands }) => {
    const also = aliases.length > 0 ? ` Also \`${aliases.join('`, `')}\`.` : '';
    const rows = commands.map(
      ({ verb, operationId, summary: said }) => `| \`portolan ${name} ${verb}\` | ${operationId} | ${said} |`,
    );
    return `### ${name}\n\n${summary}.${also}\n\n| Command | Operation | What it does |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return sections.join('\n');
}
