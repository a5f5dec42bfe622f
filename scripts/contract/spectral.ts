import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Finding, pointerOf } from './findings';
import { withTemporaryFolder } from './redocly';

const root = resolve(__dirname, '../..');
const cli = join(root, 'node_modules/@stoplight/spectral-cli/dist/index.js');

interface Result {
  code: string;
  message: string;
  path: (string | number)[];
  range: { start: { line: number } };
}

/**
 * The findings of `spectral lint` with the rules of .spectral.yaml; every severity counts. It takes seconds of one core, so
 * it runs beside whatever the caller does meanwhile.
 */
export async function lintWithSpectral(file: string): Promise<Finding[]> {
  return withTemporaryFolder(async (folder) => {
    const out = join(folder, 'out.json');
    // Places in .spectral.yaml are told by the file's path from there, and only a real path has one.
    const args = ['lint', realpathSync(file), '--ruleset', join(root, '.spectral.yaml'), '--format', 'json', '--output', out];
    const said = await ending([...args, '--quiet']);
    return resultsOf(out, said).map(({ code, message, path, range }) => ({
      rule: `spectral/${code}`,
      file,
      line: range.start.line + 1,
      pointer: pointerOf(path.map(String)),
      message,
      wayOut: '',
    }));
  });
}

function resultsOf(path: string, said: string): Result[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Result[];
  } catch {
    throw new Error(`spectral lint gave no result:\n${said}`);
  }
}

/** Runs spectral and gives what it said, when it has ended; its exit status tells no more than its findings. */
function ending(args: string[]): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        said += chunk;
      });
    child.on('error', failed).on('close', () => done(said));
  });
}
