import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ranges from which systems give ports to outgoing connections (Linux from 32768, others from 49152): while
// the server is being restarted, no connection can come by its port.
const lowest = 15_000;
const highest = 32_000;

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free TCP port found on 127.0.0.1 between ${lowest} and ${highest}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
