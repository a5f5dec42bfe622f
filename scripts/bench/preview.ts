import type { BenchDatabase } from './database';
import { load, median, type RunningProcess } from './processes';

/** A config file of so many fragments, each with ten placeholders: half of the keys are vars, half are secrets. */
const fragmentCount = 50;
const keysEach = 10;
const keyOf = (number: number): string => `PREVIEWED_${number}`;

interface Answers {
  [member: string]: { id: string };
}

/** What the preview of a large config file takes, a client after another and several at once. */
export async function measurePreview(
  database: BenchDatabase,
  base: string,
  rounds: number,
  server: RunningProcess,
): Promise<string[]> {
  const headers = { authorization: `Bearer ${database.token}`, 'content-type': 'application/json' };
  const within = `/api/environments/${database.environmentId}`;
  const create = async (path: string, member: string, body: object): Promise<string> => {
    const answer = await fetch(`${base}${within}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`${path}: ${await answer.text()}`);
    return ((await answer.json()) as Answers)[member]?.id as string;
  };
  for (let number = 0; number < fragmentCount * keysEach; number++) {
    const [path, member] = number % 2 === 0 ? ['vars', 'var'] : ['secrets', 'secret'];
    await create(path as string, member as string, { key: keyOf(number), value: `value-of-${number}` });
  }
  const fragmentIds: string[] = [];
  for (let part = 0; part < fragmentCount; part++) {
    const lines = Array.from({ length: keysEach }, (_, line) => `setting${line}: \${${keyOf(part * keysEach + line)}}\n`);
    fragmentIds.push(await create('config-fragments', 'fragment', { name: `previewed-${part}`, content: lines.join('') }));
  }
  const file = { name: 'previewed', filename: 'app.yml', content: 'own: 1\n', fragmentIds };
  const id = await create('config-files', 'configFile', file);

  const path = `/api/config-files/${id}/preview`;
  const shown = await (await fetch(`${base}${path}`, { method: 'POST', headers, body: '{}' })).text();
  if (!shown.includes('***') || !shown.includes('"missing":[]')) throw new Error(`This is no preview: ${shown.slice(0, 200)}`);
  const lines: string[] = [];
  for (const connections of [1, 4]) {
    const job = { url: base, connections, requests: [[{ method: 'POST', path, headers, body: '{}' }]] };
    await load({ ...job, amount: 100 }, 200);
    const results = [];
    const before = server.cpuMs();
    for (let round = 0; round < rounds; round++) results.push(await load({ ...job, amount: 300 }, 200));
    const cpu = (server.cpuMs() - before) / (300 * rounds);
    const [p50, p99] = [median(results.map((one) => one.p50)), median(results.map((one) => one.p99))];
    const each = median(results.map((one) => 1000 / one.perSecond));
    const clients = connections === 1 ? 'one client' : `${connections} clients`;
    lines.push(
      `| ${[clients, `${each.toFixed(2)} ms a preview`, `${cpu.toFixed(2)} ms of processor time`, `p50 ${p50} ms`, `p99 ${p99} ms`].join(' | ')} |`,
    );
  }
  return lines;
}
