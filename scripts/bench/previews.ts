import type { BenchDatabase } from './database';
import { load, median } from './processes';

const fragments = 50;
const keysEach = 10;

/** Sends JSON; gives the answer's, or throws. */
async function post(url: string, token: string, body: object): Promise<any> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A config file of 50 fragments with 500 placeholders in all, half of them of secrets; gives its path. */
async function makeFile(base: string, token: string): Promise<string> {
  const { environment } = await post(`${base}/api/environments`, token, { name: `previewed-${Date.now()}` });
  const path = `${base}/api/environments/${environment.id}`;
  for (let key = 0; key < fragments * keysEach; key++) {
    await post(`${path}/${key % 2 ? 'vars' : 'secrets'}`, token, {
      key: `KEY_${key}`,
      value: `https://shop-${key}.example.com/`,
    });
  }
  const fragmentIds: string[] = [];
  for (let index = 0; index < fragments; index++) {
    const lines = Array.from({ length: keysEach }, (_, line) => `url_${line} = \${KEY_${index * keysEach + line}}\n`);
    const { fragment } = await post(`${path}/config-fragments`, token, { name: `fragment-${index}`, content: lines.join('') });
    fragmentIds.push(fragment.id);
  }
  const file = { name: 'previewed', filename: 'shop.conf', content: 'end = 1\n', fragmentIds };
  const { configFile } = await post(`${path}/config-files`, token, file);
  return `/api/config-files/${configFile.id}`;
}

/** What a preview of a large config file takes, and reading it. */
export async function measurePreviews(database: BenchDatabase, base: string, rounds: number): Promise<string[]> {
  const path = await makeFile(base, database.token);
  await database.sql('vacuum analyze');
  const authorization = `Bearer ${database.token}`;
  const json = { authorization, 'content-type': 'application/json' };
  const requests = {
    previewConfigFile: { method: 'POST', path: `${path}/preview`, headers: json, body: '{}' },
    getConfigFile: { method: 'GET', path, headers: { authorization } },
  };
  const lines: string[] = [];
  for (const [name, request] of Object.entries(requests)) {
    const job = { url: base, connections: 1, requests: [[request]] };
    await load({ ...job, seconds: 2 }, 200);
    const results = [];
    for (let round = 0; round < rounds; round++) results.push(await load({ ...job, amount: 300 }, 200));
    const ms = median(results.map(({ medianMs }) => medianMs));
    const p99 = median(results.map((result) => result.p99));
    lines.push(
      `| ${[name, `${fragments} fragments, ${fragments * keysEach} placeholders`, `${ms.toFixed(2)} ms each`, `p99 ${p99} ms`].join(' | ')} |`,
    );
  }
  return lines;
}
