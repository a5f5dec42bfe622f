/**
 * The load: one JSON job on standard input, one JSON result on standard output. Each connection has its own list of
 * requests, so that writers meet no other writer's row.
 */
const autocannon = require('autocannon');

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { url, connections, seconds, amount, rate, requests } = JSON.parse(Buffer.concat(chunks).toString());
  let next = 0;
  const times = [];
  const running = autocannon({
    url,
    connections,
    ...(amount ? { amount } : { duration: seconds }),
    ...(rate ? { overallRate: rate } : {}),
    setupClient: (client) => client.setRequests(requests[next++ % requests.length]),
  });
  // The library counts whole milliseconds, and ends a run of some amount with a whole second.
  running.on('response', (_client, _status, _bytes, ms) => times.push(ms));
  const result = await running;
  const { latency } = result;
  console.log(
    JSON.stringify({
      perSecond: result.requests.total / result.duration,
      medianMs: times.sort((a, b) => a - b)[Math.floor(times.length / 2)],
      p50: latency.p50,
      p99: latency.p99,
      total: result.requests.total,
      statuses: result.statusCodeStats,
      errors: result.errors,
    }),
  );
}

void main();
