/** npm run contract:check: refuses a contract that does not keep the rules every operation is promised to keep. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkContract } from './contract/check';
import { type Finding, renderFinding } from './contract/findings';
import { lintWithRedocly } from './contract/redocly';
import { releaseFindings } from './contract/release/lastRelease';
import { lintWithSpectral } from './contract/spectral';

const help = `Usage: check-contract [file] [--json]

Checks an OpenAPI contract (default: openapi.yaml) against the rules of this
project, those of redocly.yaml and those of .spectral.yaml, and its version
against the last release. One line per finding:

  <file>:<line> <rule>: <what is wrong> <the way out>

Options:
  --json   print one JSON object: { file, operations, schemas, problems }
  --help   print this text

Exit status: 0 nothing found, 1 findings, 2 wrong usage.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length > 1) throw new Error('At most one file can be checked.');
  const file = positionals[0] ?? 'openapi.yaml';
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  const { findings, operations, schemas, readable } = checkContract(file, readFileSync(file, 'utf8'));
  const problems = readable ? [...findings, ...(await lint(file)), ...versionFindings(file)] : findings;
  if (values.json) console.log(JSON.stringify({ file, operations, schemas, problems }, null, 2));
  else {
    for (const problem of problems) console.log(renderFinding(problem));
    console.log(`contract: ${operations} operations, ${schemas} schemas, ${problems.length} problems`);
  }
  return problems.length === 0 ? 0 : 1;
}

/** What the ready-made linters find, side by side: both only read. */
async function lint(file: string): Promise<Finding[]> {
  const spectral = lintWithSpectral(file);
  return [...lintWithRedocly(file), ...(await spectral)];
}

/** The version belongs to the contract of a package; another file has none to keep. */
function versionFindings(file: string): Finding[] {
  const folder = dirname(resolve(file));
  return basename(file) === 'openapi.yaml' && existsSync(join(folder, 'package.json')) ? releaseFindings(folder, file) : [];
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(`${error.message}\nSee --help.`);
    process.exitCode = 2;
  },
);
