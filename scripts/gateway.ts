/** npm run gateway -- kong | envoy | nginx | aws: writes the configuration of an API gateway from the contract. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { configurationOf } from './gateway/configuration';
import { type Gateway, gateways, isFlag, optionHelp, optionNames, type RawOptions, readOptions } from './gateway/options';
import { readContract } from './generate/contract';

const help = `Usage: gateway kong | envoy | nginx | aws [options]

Writes the configuration of an API gateway in front of Portolan, from the
contract (openapi.yaml). docs/gateways.md tells how each is started.

Options (in parentheses what holds without them):
  --out FILE                  where to write (standard output)
${optionHelp()}
  --help                      print this text

Exit status: 0 written, 2 wrong usage.
`;

function main(): number {
  const options = Object.fromEntries(
    optionNames.map((name) => {
      const type = isFlag(name) ? ('boolean' as const) : ('string' as const);
      return [name, name === 'upstream' ? { type, multiple: true } : { type }];
    }),
  );
  const { values, positionals } = parseArgs({
    options: { ...options, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const { out, help: isHelp, ...raw } = values as RawOptions;
  if (isHelp) {
    process.stdout.write(help);
    return 0;
  }
  const [gateway, ...more] = positionals;
  if (!gateways.includes(gateway as Gateway) || more.length > 0) throw new Error(`Name one gateway: ${gateways.join(', ')}.`);
  const contract = readContract(resolve(__dirname, '..'));
  const text = configurationOf(gateway as Gateway, contract, readOptions(gateway as Gateway, raw, contract['x-rate-limits']));
  if (typeof out === 'string') {
    mkdirSync(dirname(resolve(out)), { recursive: true });
    writeFileSync(out, text);
    process.stderr.write(`${out}: ${Math.round(text.length / 1024)} KiB, for ${gateway}\n`);
  } else process.stdout.write(text);
  return 0;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nSee --help.\n`);
  process.exitCode = 2;
}
