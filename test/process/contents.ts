import { inDatabase } from './program';

/** Tables that say what happened, for as long as anybody may ask, and accounts that the service keeps of itself. */
const history = new Set([
  ...['audit_logs', 'events', 'event_log', 'idempotency_keys'],
  ...['list_counts', 'rate_limits', 'registry_hosts', 'registry_slots'],
]);

/** How many rows each table of the embedded database has, but for those that only tell of the past. */
export async function contentsOf(folder: string): Promise<Record<string, number>> {
  const tables = await inDatabase<{ name: string }>(
    folder,
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`,
  );
  const counted = tables.filter(({ name }) => !history.has(name));
  const counts = counted.map(({ name }) => `(select count(*)::int from "${name}") as "${name}"`);
  const [row] = await inDatabase<Record<string, number>>(folder, `select ${counts.join(', ')}`);
  return row as Record<string, number>;
}
