/**
 * npm run contract:diff               tells what has changed since the last release, and which version that asks for
 * npm run contract:diff -- <git ref>  tells which changes of the contract since then break clients
 * npm run contract:diff -- --release  writes a release: CHANGELOG.md and generated/released/
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Change, compareContracts } from './contract/diff';
import { sinceRelease, writeRelease } from './contract/release/release';

const help = `Usage: diff-contract [git ref] [--file openapi.yaml] [--json]
       diff-contract --write | --release [--date 2026-11-21] [--again]

Compares the contract of a git ref, or that of the last release, with the one in
the working tree, and tells which changes break clients.

Options:
  --file     the contract (default: openapi.yaml)
  --json     print one JSON object: { base, file, breaking, others }
  --write    write the API section of this version into CHANGELOG.md
  --release  the same, date the version, and keep its contract as the released one
  --date     the day of the release (default: today)
  --again    release a version anew that nobody has got yet
  --help     print this text

Exit status: 0 nothing breaks, 1 something breaks, 2 wrong usage. Against the
last release: 1 when the version is too low for what has changed.
`;

function main(): number {
  const { values, positionals } = parseArgs({
    options: {
      file: { type: 'string', default: 'openapi.yaml' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      release: { type: 'boolean', default: false },
      date: { type: 'string' },
      again: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [ref] = positionals;
  const { file, json, write, release, date, again } = values;
  if (positionals.length > 1 || (ref && (write || release))) {
    throw new Error(
      'Name one git ref to compare with, such as main or v1.0.0; --write and --release compare with the last release.',
    );
  }
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  const folder = dirname(resolve(file));
  if (write || release) return writeRelease(folder, { date: release ? (date ?? today()) : undefined, again });
  if (!ref) return sinceRelease(folder, json);
  const changes = compareContracts(contractAt(ref, file), readFileSync(file, 'utf8'));
  const breaking = changes.filter((change) => change.breaking);
  const others = changes.filter((change) => !change.breaking);
  if (json) console.log(JSON.stringify({ base: ref, file, breaking, others }, null, 2));
  else print(ref, file, breaking, others);
  return breaking.length === 0 ? 0 : 1;
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** The contract as it was committed. The ref is made a commit first, so that a typo is told apart from a missing file. */
function contractAt(ref: string, file: string): string {
  const cwd = dirname(resolve(file));
  if (git(cwd, 'rev-parse', '--git-dir') === undefined) throw new Error(`${file} is in no git repository.`);
  const commit = git(cwd, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)?.trim();
  if (!commit) throw new Error(`This repository knows no ref ${ref}; a shallow clone may have to fetch it.`);
  const text = git(cwd, 'show', `${commit}:./${basename(file)}`);
  if (text === undefined) throw new Error(`${ref} holds no ${file}.`);
  return text;
}

function git(cwd: string, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('git is not installed.');
    return undefined;
  }
}

function print(ref: string, file: string, breaking: Change[], others: Change[]): void {
  const groups: [string, Change[]][] = [
    ['These break clients', breaking],
    ['These do not', others],
  ];
  for (const [title, changes] of groups) {
    if (changes.length === 0) continue;
    console.log(`${title}:`);
    for (const change of changes) console.log(`  ${render(ref, file, change)}`);
  }
  const wayOut = breaking.length === 0 ? '' : '; keep the old form, or serve the new one under a new path';
  console.log(`contract: ${breaking.length} breaking and ${others.length} other changes since ${ref}${wayOut}`);
}

function render(ref: string, file: string, { side, line, rule, message, operations }: Change): string {
  const more = operations.length > 3 ? ` and ${operations.length - 3} more` : '';
  const where = operations.length === 0 ? '' : ` (${operations.slice(0, 3).join(', ')}${more})`;
  return `${side === 'base' ? `${ref}:` : ''}${file}:${line} ${rule}: ${message}${where}`;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(`${(error as Error).message}\nSee --help.`);
  process.exitCode = 2;
}
