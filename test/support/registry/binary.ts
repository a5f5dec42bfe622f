import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first program of this name that may be executed; null if there is none. */
export function findProgram(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/** Debian's name for the program of the distribution registry. */
export const registryProgram = 'docker-registry';

/**
 * A suite that needs a real registry. Without one it is skipped (the start of the run says so once), but never where CI
 * is set: there it fails.
 */
export function describeWithRegistry(name: string, suite: () => void): void {
  if (findProgram(registryProgram)) {
    describe(name, suite);
  } else if (process.env.CI) {
    describe(name, () => {
      test('a real registry is there', () => {
        throw new Error(`${registryProgram} is missing, and CI must not skip the tests that need it`);
      });
    });
  } else {
    describe.skip(name, suite);
  }
}
