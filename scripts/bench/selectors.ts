import { createHash } from 'node:crypto';
import type { CompiledQuery } from 'kysely';
import { parseLabelSelector } from '../../src/domain/cloudFoundry/labelSelector';
import type { ListRequest } from '../../src/domain/cloudFoundry/listRequest';
import { listDroplets } from '../../src/store/cloudFoundry/droplets';
import { type Db, openDatabase } from '../../src/store/database';
import type { BenchDatabase } from './database';
import { median } from './processes';

/** How many droplets there are, in how many services of how many environments. */
const [droplets, services, environments] = [1_000_000, 1_000, 20];

const environmentOf = (n: number) => `01940000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const idOf = (range: string, number: string) => `('${range}-0000-7000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;

/**
 * Labels of a droplet: an unselective one, two that get more selective, one that is unique and has a prefix, and one that
 * few droplets have; the others have another one in its place, so that each has five.
 */
const labels: [prefix: string, name: string, value: string][] = [
  ['', 'env', "(array['prod','staging','dev'])[1 + n % 3]"],
  ['', 'team', "'t' || (n * 7919::bigint) % 200"],
  ['', 'release', "'r' || (n * 7919::bigint / 13) % 10000"],
  ['build.example.com', 'commit', 'md5(n::text)'],
  ['', "case when n % 10000 = 0 then 'canary' else 'tier' end", "'x' || n % 10"],
];

/** Fills the database with droplets of five labels each. They stay: to delete them takes longer than all measurements. */
export async function fillLabelled({ sql }: BenchDatabase): Promise<void> {
  await sql(
    `insert into environments (id, name) select ${idOf('01940000', 'n')}, 'labelled-' || n from generate_series(1, $1::int) n`,
    [environments],
  );
  await sql(
    `insert into services (id, environment_id, name)
     select ${idOf('01950000', 'n')}, ${idOf('01940000', '1 + n % $2::int')}, 'labelled-' || n from generate_series(1, $1::int) n`,
    [services, environments],
  );
  await sql(
    `insert into droplets (id, service_id, environment_id, image)
     select ${idOf('01960000', 'n')}, services.id, environment_id, 'ghcr.io/acme/shop:' || n
     from generate_series(1, $1::int) n join services on services.id = ${idOf('01950000', '1 + n % $2::int')}`,
    [droplets, services],
  );
  for (const [prefix, name, value] of labels) {
    const quotedName = name.includes(' ') ? name : `'${name}'`;
    await sql(
      `insert into labels (resource_type, resource_id, prefix, name, value)
       select 'droplet', ${idOf('01960000', 'n')}, '${prefix}', ${quotedName}, ${value} from generate_series(1, $1::int) n`,
      [droplets],
    );
  }
  await sql('vacuum analyze environments, services, droplets, labels');
}

interface Case {
  /** As `docs/performance.md` names it. */
  form: string;
  /** A text for each round, so that no round finds what the one before it has read. */
  selector(round: number): string;
  /** Only of the first environments. */
  reach?: number;
}

const release = (round: number) => `release=r${(round * 37) % 10_000}`;
const sha = (round: number) =>
  createHash('md5')
    .update(String(round * 4999))
    .digest('hex');
const everyEnv = Array.from({ length: 49 }, () => 'env in (prod,staging,dev)').join(',');

const selective: Case[] = [
  { form: 'k', selector: () => 'canary' },
  { form: 'k=v', selector: release },
  { form: 'k==v', selector: (round) => release(round).replace('=', '==') },
  { form: 'k in (a,b,c)', selector: (round) => `release in (r${round},r${round + 3000},r${round + 6000})` },
  { form: 'k=v, prefixed, one droplet', selector: (round) => `build.example.com/commit=${sha(round)}` },
  { form: 'k=v, v frequent under other keys, no droplet', selector: (round) => `env=x${round % 10}` },
  { form: 'k=v and l=w, l=w frequent', selector: (round) => `env=prod,${release(round)}` },
  { form: 'k=v and l', selector: (round) => `env,${release(round)}` },
  { form: 'k=v and !l', selector: (round) => `${release(round)},!canary` },
  { form: 'k=v and l!=w', selector: (round) => `env!=prod,${release(round)}` },
  { form: 'k=v and l notin (a,b)', selector: (round) => `${release(round)},team notin (t1,t2)` },
  { form: 'k=v, 3 of 20 environments', selector: release, reach: 3 },
  { form: 'k=v and 49 others', selector: (round) => `${everyEnv},${release(round)}` },
];

const unselective: Case[] = [
  { form: 'k=v, 1 droplet in 200', selector: (round) => `team=t${round % 200}` },
  { form: 'k=v, 1 in 3', selector: () => 'env=prod' },
  { form: 'k, all', selector: () => 'env' },
  { form: '!k, nearly all', selector: () => '!canary' },
  { form: '!k, none', selector: () => '!env' },
  { form: 'k!=v, 2 in 3', selector: () => 'env!=prod' },
  { form: 'k notin (a,b), 1 in 3', selector: () => 'env notin (prod,staging)' },
];

const request = (selector: string): ListRequest => {
  const parsed = parseLabelSelector(selector);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return {
    page: 1,
    perPage: 50,
    orderBy: null,
    filters: {},
    createdAts: null,
    updatedAts: null,
    labelSelector: parsed.requirements,
    carried: {},
  };
};

/** What a page of 50 droplets and its total take, as `GET /v3/droplets` asks for them, and by which plan they are found. */
export async function measureSelectors(database: BenchDatabase, rounds: number): Promise<string[]> {
  const { db, close } = openDatabase({ connectionString: database.url, poolSize: 1, applicationName: 'bench' });
  const lines: string[] = [];
  try {
    for (const one of selective) lines.push(await measure(database, db, one, rounds));
    for (const one of unselective) lines.push(await measure(database, db, one, Math.ceil(rounds / 20)));
  } finally {
    await close();
  }
  return lines;
}

/** So many different selectors of a form follow each other. */
const variety = 20;

async function measure(database: BenchDatabase, db: Db, { form, selector, reach }: Case, rounds: number): Promise<string> {
  const within = reach === undefined ? undefined : Array.from({ length: reach }, (_, n) => environmentOf(n + 1));
  const page = (of: Db, round: number) => listDroplets(of, request(selector(100 + (round % variety))), within);
  const totals: number[] = [];
  const timed = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    for (let round = 0; round < count; round++) {
      const started = performance.now();
      totals.push((await page(db, round)).total);
      times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b);
  };
  const first = await timed(Math.min(variety, rounds));
  const times = await timed(rounds);
  const sent: CompiledQuery[] = [];
  await page(listening(db, sent), 0);
  const ms = (all: number[], share: number) => `${(all[Math.floor(share * (all.length - 1))] ?? Number.NaN).toFixed(1)} ms`;
  const plan = await planOf(database, sent.at(-1) as CompiledQuery);
  return `| ${[form, median(totals), ms(times, 0.5), ms(times, 0.99), ms(first, 0.5), plan].join(' | ')} |`;
}

/** The same connection, that tells what is sent. */
export const listening = (db: Db, sent: CompiledQuery[]): Db =>
  new Proxy(db, {
    get(target, member) {
      if (member !== 'executeQuery') return Reflect.get(target, member, target);
      return (query: CompiledQuery) => {
        sent.push(query);
        return target.executeQuery(query);
      };
    },
  });

/** How the rows are found that match; reading those of the page is left out. */
async function planOf({ sql }: BenchDatabase, { sql: text, parameters }: CompiledQuery): Promise<string> {
  const plan = await sql(`explain (costs off) ${text}`, [...parameters]);
  const lines = plan.map((line) => String(line['QUERY PLAN']));
  const matching = lines.slice(
    0,
    lines.findIndex((line) => line.includes('InitPlan')),
  );
  const ways = matching.flatMap((line) => /(?:Parallel )?(?:Index|Seq|Index Only) Scan.*|[A-Z].* Join/.exec(line)?.[0] ?? []);
  const counts = new Map<string, number>();
  for (const way of ways.map((one) => one.replace(/( on \w+) \w+$/, '$1').trim())) counts.set(way, (counts.get(way) ?? 0) + 1);
  return [...counts].map(([way, count]) => (count > 1 ? `${count} x ${way}` : way)).join(' · ');
}
