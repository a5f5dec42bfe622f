import { uuidv7 } from 'uuidv7';
import { unique } from './fixtures';
import type { Portolan } from './portolan';

type Columns = Record<string, unknown>;

async function insert(portolan: Portolan, table: string, row: Columns): Promise<string> {
  const names = Object.keys(row);
  const slots = names.map((_, index) => `$${index + 1}`);
  await portolan.sql(`insert into ${table} (${names.join(', ')}) values (${slots.join(', ')})`, Object.values(row));
  return row.id as string;
}

/** A server of an environment; gives its id. */
export const hostRow = (portolan: Portolan, environmentId: string, columns: Columns = {}): Promise<string> =>
  insert(portolan, 'servers', {
    id: uuidv7(),
    environment_id: environmentId,
    name: unique('server'),
    hostname: '10.0.0.5',
    ...columns,
  });

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** A sample of a server, taken some minutes ago; gives its id. */
export const sampleRow = (portolan: Portolan, serverId: string, minutes: number, columns: Columns = {}): Promise<string> =>
  insert(portolan, 'server_metrics', {
    id: uuidv7(),
    server_id: serverId,
    collected_at: minutesAgo(minutes),
    source: 'ssh',
    ...columns,
  });

/** A health check of an environment, some minutes ago; gives its id. */
export const healthLogRow = (
  portolan: Portolan,
  environmentId: string,
  minutes: number,
  columns: Columns = {},
): Promise<string> =>
  insert(portolan, 'health_logs', {
    id: uuidv7(),
    environment_id: environmentId,
    resource_type: 'server',
    resource_id: uuidv7(),
    resource_name: unique('looked-at'),
    check_type: 'ssh',
    status: 'success',
    created_at: minutesAgo(minutes),
    ...columns,
  });
