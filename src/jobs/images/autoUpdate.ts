import { uuidv7 } from 'uuidv7';
import { operationEvent } from '../../domain/events/told';
import { type DueAutoUpdate, dueAutoUpdates, noteAttempt } from '../../store/autoUpdates';
import type { Tx } from '../../store/database';
import { recordEvents } from '../../store/events';
import { insertEndedOperation } from '../../store/operationRuns';
import type { Recomputed } from './recompute';

const noEngine = {
  code: 'deploy_engine_missing',
  message: 'An automatic update was due, but this release cannot deploy yet: nothing was changed on any server.',
};

/**
 * Records the deploys that automatic updates call for, once for each service and digest; in the caller's transaction, with
 * the image locked. A service follows the newest of its own family.
 */
export async function recordAutoUpdates(tx: Tx, imageId: string, recomputed: Recomputed, minAgeMinutes: number): Promise<void> {
  const { facts, standing } = recomputed;
  if (!facts.auto_update || !standing.updateAvailable) return;
  const newestOf = new Map(standing.services.map((service) => [service.id, service.newestId]));
  for (const digestId of new Set(newestOf.values())) {
    if (digestId === null) continue;
    const due = await dueAutoUpdates(tx, imageId, digestId, minAgeMinutes);
    for (const service of due) {
      if (newestOf.get(service.id) === digestId) await recordOne(tx, recomputed, service, digestId);
    }
  }
}

async function recordOne(tx: Tx, { facts, standing }: Recomputed, service: DueAutoUpdate, digestId: string): Promise<void> {
  const id = uuidv7();
  // Another transaction may have been quicker; the row is the decision.
  if (!(await noteAttempt(tx, service.id, digestId, id))) return;
  const manifestDigest = facts.digests.find((digest) => digest.id === digestId)?.manifestDigest ?? null;
  const tag = standing.services.find((standing) => standing.id === service.id)?.latestTag ?? null;
  const row = await insertEndedOperation(tx, {
    id,
    kind: 'deploy.run',
    state: 'cancelled',
    resourceType: 'service',
    resourceId: service.id,
    environmentId: facts.environment_id,
    createdByName: 'automatic updates',
    result: { imageDigestId: digestId, manifestDigest, tag },
    warnings: [noEngine],
  });
  await recordEvents(tx, [operationEvent(row)]);
}
