import type { BenchDatabase } from './database';

/** How many droplets there are, in how many services of how many environments. */
const [droplets, services, environments] = [1_000_000, 1_000, 20];

const idOf = (range: string, number: string) => `('${range}-0000-7000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;

/**
 * Labels of a droplet: an unselective one, two that get more selective, one that is unique and has a prefix, and one that
 * few droplets have; the others have another one in its place, so that each has five.
 */
const labels: [prefix: string, name: string, value: string][] = [
  ['', 'env', "(array['prod','staging','dev'])[1 + n % 3]"],
  ['', 'team', "'t' || (n * 7919::bigint) % 200"],
  ['', 'release', "'r' || (n * 104729::bigint) % 10000"],
  ['build.example.com', 'commit', 'md5(n::text)'],
  ['', "case when n % 10000 = 0 then 'canary' else 'tier' end", "'x' || n % 10"],
];

/** Fills the database with droplets of five labels each. */
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
