import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's name for the program of the distribution registry. */
export const registryProgram = 'docker-registry';

/** The first program of this name that may be executed; null if there is none. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | null {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {}
  }
  return null;
}

/** What becomes of suites that need a real registry: without one they are skipped, but never where CI is set. */
export function fateOfSuites(environment: { PATH?: string; CI?: string }): 'run' | 'skip' | 'fail' {
  if (findProgram(registryProgram, environment.PATH ?? '')) return 'run';
  return environment.CI && environment.CI !== 'false' ? 'fail' : 'skip';
}

/** A suite that needs a real registry. The start of the run says once why it is skipped. */
export function describeWithRegistry(name: string, suite: () => void): void {
  const fate = fateOfSuites(process.env);
  if (fate === 'run') describe(name, suite);
  else if (fate === 'skip') describe.skip(name, suite);
  else describe(name, missing);
}

/** One such suite for each value, which takes the place of `%s` in the name. */
describeWithRegistry.each =
  <T extends string>(values: readonly T[]) =>
  (name: string, suite: (value: T) => void): void => {
    for (const value of values) describeWithRegistry(name.replace('%s', value), () => suite(value));
  };

function missing(): void {
  test('a real registry is there', () => {
    throw new Error(`${registryProgram} is missing, and CI must not skip the tests that need it.`);
  });
}

/**
 * Installs the registry where it is missing and that is possible: as root on Debian. `say` gets what is done, and one
 * line about the consequence when it stays missing.
 */
export function ensureRegistry(say: (line: string) => void): void {
  if (findProgram(registryProgram)) return;
  if (process.getuid?.() === 0 && findProgram('apt-get'))
    say(`Installing ${registryProgram} for the tests with a real registry …`);
  const { stderr } = spawnSync('sh', [join(__dirname, 'install.sh')], { encoding: 'utf8', timeout: 600_000 });
  const fate = fateOfSuites(process.env);
  if (fate === 'run') return;
  const reason =
    stderr?.trim().split('\n').at(-1) || `${registryProgram} is missing (Debian: apt-get install ${registryProgram})`;
  say(`Tests with a real registry ${fate === 'fail' ? 'fail' : 'are skipped'}: ${reason}`);
}
