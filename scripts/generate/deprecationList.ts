import { type Deprecation, deprecationsOf } from '../contract/deprecations';
import type { JsonObject } from '../contract/findings';
import type { Contract } from './contract';

const kinds: [kind: Deprecation['kind'], title: string][] = [
  ['operation', 'Operations'],
  ['parameter', 'Parameters'],
  ['member', 'Members'],
];

/** The text of docs/deprecations.md. */
export function deprecationDocument(contract: Contract): string {
  const all = deprecationsOf(contract as unknown as JsonObject);
  const sections = kinds.map(([kind, title]) => {
    const rows = all.filter((one) => one.kind === kind).map(row);
    if (rows.length === 0) return `## ${title}\n\nNone.\n`;
    const head = '| What | Since | Goes not before | Instead | Where |\n| --- | --- | --- | --- | --- |';
    return `## ${title}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return `<!-- Written by \`npm run generate\` from the marks in openapi.yaml. Do not edit. -->

# What is deprecated

What stands here works as it always did, and goes with a later version, not before the day that is named. Answers to requests that
use it carry \`Deprecation\` (RFC 9745), \`Sunset\` (RFC 8594) and a \`Link\` with \`rel="deprecation"\` to the reference of the operation;
\`CHANGELOG.md\` names it in the release that marked it. [docs/versions.md](versions.md) says what versions promise.

${sections.join('\n')}`;
}

function row({ name, since, sunset, successor, operations }: Deprecation): string {
  const where =
    operations.length > 6 ? `${operations.length} operations, such as ${list(operations.slice(0, 3))}` : list(operations);
  return `| \`${name}\` | ${since} | ${sunset} | ${successor.replaceAll('\n', ' ').replaceAll('|', '\\|')} | ${where} |`;
}

const list = (names: string[]): string => names.map((name) => `\`${name}\``).join(', ');
