import type { Tx } from '../store/database';
import { addJob, addJobs, hurryJob, type NewJob } from '../store/jobs';

/** Payloads carry identity only; whatever else a job needs it reads when it runs. */
export interface Payloads {
  refreshRegistry: { registryId: string };
  checkImage: { imageId: string };
  runDeletion: { operationId: string };
  stageBuild: { buildId: string };
  resolveDroplet: { dropletId: string };
}

/** Somebody waits for what was asked for; the schedule does not mind. */
const asked = 0;
const scheduled = 10;

const refreshRegistry = (registryId: string, runAt: string | null, priority: number): NewJob => {
  return { task: 'refreshRegistry', payload: { registryId }, key: `refreshRegistry:${registryId}`, runAt, priority };
};
const checkImage = (imageId: string, runAt: string | null, priority: number): NewJob => {
  return { task: 'checkImage', payload: { imageId }, key: `checkImage:${imageId}`, runAt, priority };
};

/** Refreshes a connection as soon as a worker is free. Asking twice before it began is asking once. */
export const enqueueRefreshRegistry = (tx: Tx, registryId: string): Promise<void> =>
  addJob(tx, refreshRegistry(registryId, null, asked));

/** Refreshes a connection at a time, unless something moves it. */
export const enqueueRefreshAt = (tx: Tx, registryId: string, runAt: string): Promise<void> =>
  addJob(tx, refreshRegistry(registryId, runAt, asked));

/** Lets a refresh that waits for its time, if there is one, begin now. */
export async function hurryRefresh(tx: Tx, registryId: string): Promise<void> {
  await hurryJob(tx, refreshRegistry(registryId, null, asked).key);
}

/** Checks one image as soon as a worker is free. Asking twice before it began is asking once. */
export const enqueueCheckImage = (tx: Tx, imageId: string): Promise<void> => addJob(tx, checkImage(imageId, null, asked));

/** Deletes what an operation names as soon as a worker is free. */
export const enqueueDeletion = (tx: Tx, operationId: string): Promise<void> =>
  addJob(tx, {
    task: 'runDeletion',
    payload: { operationId },
    key: `runDeletion:${operationId}`,
    runAt: null,
    priority: asked,
  });

/** Finds the digest of a droplet's tag as soon as a worker is free. */
export const enqueueResolveDroplet = (tx: Tx, dropletId: string): Promise<void> =>
  addJob(tx, {
    task: 'resolveDroplet',
    payload: { dropletId },
    key: `resolveDroplet:${dropletId}`,
    runAt: null,
    priority: asked,
  });

/** Stages a build as soon as a worker is free, or at a time. */
export const enqueueStageBuild = (tx: Tx, buildId: string, runAt: string | null = null): Promise<void> =>
  addJob(tx, { task: 'stageBuild', payload: { buildId }, key: `stageBuild:${buildId}`, runAt, priority: asked });

/** What falls due, each at its time; what waits already keeps its own. */
export interface Due {
  id: string;
  /** ISO time. */
  runAt: string;
}

export const enqueueDueRefreshes = (tx: Tx, due: readonly Due[]): Promise<void> =>
  addJobs(
    tx,
    due.map(({ id, runAt }) => refreshRegistry(id, runAt, scheduled)),
  );

export const enqueueDueChecks = (tx: Tx, due: readonly Due[]): Promise<void> =>
  addJobs(
    tx,
    due.map(({ id, runAt }) => checkImage(id, runAt, scheduled)),
  );
