import { uuidv7 } from 'uuidv7';
import type { Principal } from '../../../src/domain/access/principal';
import { runDeletion } from '../../../src/jobs/deletions/runDeletion';
import { type NewDeletion, startDeletion } from '../../../src/jobs/deletions/startDeletion';
import type { Portolan } from '../../support/portolan';

export const somebody: Principal = {
  kind: 'user',
  id: uuidv7(),
  email: 'ada@example.com',
  name: 'Ada',
  role: 'operator',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'login', id: uuidv7() },
  installationSuspended: false,
};

type Wish = Pick<NewDeletion, 'kind' | 'resourceType' | 'resourceId' | 'environmentId'>;

/** Asks for a deletion, as a handler does; gives the id of its operation. */
export const ask = (portolan: Portolan, wish: Wish): Promise<string> =>
  portolan.context.database.transact((tx) =>
    startDeletion(tx, { resourceName: 'shop', principal: somebody, requestId: 'req_ask', ...wish }),
  );

/** Runs a deletion here and now. */
export const run = (portolan: Portolan, operationId: string, announce = () => {}) =>
  runDeletion({ database: portolan.context.database, announce }, operationId);

/** Runs all deletions that wait in the queue, here and now, as a worker would; gives how each ended. */
export async function runQueued(portolan: Portolan): Promise<string[]> {
  const jobs = await portolan.sql<any>(
    `select (payload->>'operationId') as id from graphile_worker._private_jobs as jobs
     join graphile_worker._private_tasks as tasks on tasks.id = jobs.task_id where tasks.identifier = 'runDeletion' order by jobs.id`,
  );
  await portolan.sql(`delete from graphile_worker._private_jobs`);
  const ends: string[] = [];
  for (const { id } of jobs) ends.push((await run(portolan, id)).end);
  return ends;
}
