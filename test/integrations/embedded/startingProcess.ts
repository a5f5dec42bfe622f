/**
 * A process that tests start in order to kill it. It follows one line of standard input after the other and answers each
 * with one line of JSON: `start <json of options>` runs the embedded Postgres, `take <folder>` takes the folder lock.
 */
import { createInterface } from 'node:readline';
import { takeFolder } from '../../../src/integrations/embedded/folderLock';
import { startEmbeddedPostgres } from '../../../src/integrations/embedded/postgres';

async function follow(line: string): Promise<unknown> {
  const [command, rest] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
  if (command === 'take') {
    await takeFolder(rest);
    return { taken: true };
  }
  const server = await startEmbeddedPostgres({ ...JSON.parse(rest), log: () => undefined });
  return { pid: server.pid, connectionString: server.connectionString };
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  follow(line).then(answer, (error: Error) => answer({ error: error.name, message: error.message }));
});
answer({ here: true });
