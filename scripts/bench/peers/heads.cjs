/**
 * What a refresh asks a registry, in a plain loop: the tag list of each repository and a HEAD for each tag, some at a
 * time. One JSON job on standard input, one JSON result on standard output.
 */
const { Agent, request } = require('undici');

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { origin, paths, concurrency } = JSON.parse(Buffer.concat(chunks).toString());
  const dispatcher = new Agent({ connections: concurrency });
  const started = performance.now();
  let requests = 0;
  const ask = async (method, path) => {
    requests += 1;
    const answer = await request(`${origin}${path}`, { method, dispatcher, headers: { accept } });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode}`);
    return text;
  };
  const waiting = [...paths];
  const walk = async () => {
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      const { tags } = JSON.parse(await ask('GET', `/v2/${path}/tags/list`));
      for (const tag of tags) await ask('HEAD', `/v2/${path}/manifests/${tag}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, walk));
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, requests }));
  process.exit(0);
}

void main();
