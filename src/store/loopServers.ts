import { sql } from 'kysely';
import type { LoopServer } from '../domain/config/serverLoops';
import type { Db } from './database';
import { statement } from './statement';

// Portolan reaches a server by its hostname, so that is its address inside.
const ofEnvironments = statement<{ id: string; names: readonly string[] }, LoopServer>(
  (_, { id, names }) => sql<LoopServer>`
    select servers.id, servers.name, hostname, public_ip as "publicIp", hostname as "privateIp", tags,
      environments.name as environment
    from servers join environments on environments.id = environment_id
    where environment_id = ${id}::uuid or environments.name = any(${names}::text[])`,
);

/** The servers that loops can name: of an environment, and of those with these names. */
export const loopServers = (db: Db, environmentId: string, names: readonly string[]): Promise<LoopServer[]> =>
  ofEnvironments.all(db, { id: environmentId, names });
