import { sql } from 'kysely';
import type { LoopServer } from '../domain/config/serverLoops';
import type { Db } from './database';
import { statement } from './statement';

const inEnvironments = statement<{ environmentId: string; names: string[] }, LoopServer>(
  (_, v) => sql<LoopServer>`
    select servers.id, servers.name, servers.hostname, servers.public_ip as "publicIp", servers.hostname as "privateIp",
      servers.tags, environments.name as environment
    from environments join servers on servers.environment_id = environments.id
    where environments.id = ${v.environmentId}::uuid or environments.name = any(${v.names}::text[])`,
);

/** The servers that loops may run over: those of an environment, and of others by name. */
export const loopServersOf = (db: Db, environmentId: string, names: readonly string[]): Promise<LoopServer[]> =>
  inEnvironments.all(db, { environmentId, names: [...names] });
