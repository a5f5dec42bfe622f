import { uuidv7 } from 'uuidv7';
import { dropletGone } from '../../domain/cloudFoundry/builds/staging';
import { startDataOf } from '../../domain/cloudFoundry/startData';
import type { EnvironmentDefaults } from '../../domain/settings/environmentSettings';
import { type AuditEntry, type AuditSource, recordAudit } from '../../store/audit';
import { type AppOfDroplets, lockAppOfDroplets, saveImageOfApp } from '../../store/cloudFoundry/currentDroplets';
import { expireBeyond } from '../../store/cloudFoundry/expiredDroplets';
import { endBuild, failStagingDroplet, fillDroplet, lockRunningBuild, type RunningBuild } from '../../store/cloudFoundry/staging';
import type { Database, Tx } from '../../store/database';
import { settingsOf } from '../../store/environmentSettings';
import { recomputeImage } from '../images/recompute';
import type { ResolvedImage } from './resolveImage';

/** What builds are ended with. */
export interface EndParts {
  database: Database;
  /** Goes to `settingsOf`. */
  environmentDefaults: EnvironmentDefaults;
  /** After a commit that recorded events. */
  announce(): void;
}

interface WhichBuild {
  id: string;
  service_id: string;
}

/** A build that is being ended, with its app; both are locked. */
interface Ending {
  tx: Tx;
  build: RunningBuild;
  app: AppOfDroplets;
}

/** Fills the droplet of a build with what its image resolved to. Gives how it ended; undefined when somebody else ended it. */
export const endStaged = (
  parts: EndParts,
  which: WhichBuild,
  resolved: ResolvedImage,
): Promise<'staged' | 'failed' | undefined> =>
  ending(parts, which, async ({ tx, build, app }) => {
    const image = `${resolved.repository}@${resolved.manifestDigest}`;
    if (!(await isFilled(tx, build, image, resolved))) {
      await fail({ tx, build, app }, dropletGone);
      return 'failed' as const;
    }
    await endBuild(tx, build.id, 'STAGED', null);
    const isFirstImage = app.container_image_id === null;
    if (isFirstImage) {
      await saveImageOfApp(tx, app.id, resolved.containerImageId);
      await recomputeImage(tx, resolved.containerImageId);
    }
    const after = { image, ...(isFirstImage ? { containerImageId: resolved.containerImageId } : {}) };
    await audit({ tx, build, app }, 'build', build.id, { action: 'stage', cfType: 'audit.app.build.staged', after });
    const created = { action: 'create', cfType: 'audit.app.droplet.create', buildGuid: build.id, after: { image } };
    await audit({ tx, build, app }, 'droplet', build.droplet_id, created);
    return 'staged' as const;
  });

/** Ends a build, and its droplet, as failed. */
export const endFailed = (parts: EndParts, which: WhichBuild, error: string): Promise<'failed' | undefined> =>
  ending(parts, which, async (it) => {
    await fail(it, error);
    return 'failed' as const;
  });

async function ending<End>(
  { database, environmentDefaults, announce }: EndParts,
  { id, service_id: appId }: WhichBuild,
  work: (it: Ending) => Promise<End>,
): Promise<End | undefined> {
  const end = await database.transact(async (tx) => {
    const app = await lockAppOfDroplets(tx, appId);
    const build = app && (await lockRunningBuild(tx, id));
    if (!app || !build) return undefined;
    const end = await work({ tx, build, app });
    const { keepStagedDroplets } = await settingsOf(tx, app.environment_id, 'operations', environmentDefaults);
    await expireBeyond(tx, appId, keepStagedDroplets);
    return end;
  });
  if (end !== undefined) announce();
  return end;
}

async function isFilled(tx: Tx, build: RunningBuild, image: string, resolved: ResolvedImage): Promise<boolean> {
  if (build.droplet_id === null) return false;
  const { executionMetadata, processTypes } = startDataOf(resolved.config);
  return fillDroplet(tx, {
    id: build.droplet_id,
    image,
    imageDigestId: resolved.imageDigestId,
    executionMetadata,
    processTypes: JSON.stringify(processTypes),
  });
}

async function fail({ tx, build, app }: Ending, error: string): Promise<void> {
  if (build.droplet_id !== null) await failStagingDroplet(tx, build.droplet_id, error);
  await endBuild(tx, build.id, 'FAILED', error);
  const entry = { action: 'stage', cfType: 'audit.app.build.failed', success: false, error };
  await audit({ tx, build, app }, 'build', build.id, entry);
}

interface Told extends Pick<AuditEntry, 'action' | 'success' | 'error'> {
  cfType: string;
  [detail: string]: unknown;
}

/** In the name of whoever asked for the build. */
function audit(
  { tx, build, app }: Ending,
  resourceType: 'build' | 'droplet',
  resourceId: string | null,
  told: Told,
): Promise<void> {
  const { action, success = true, error, ...details } = told;
  const source = { operationId: 'createBuild', requestId: `req_${uuidv7()}`, principal: creatorOf(build) };
  return recordAudit(tx, source, {
    action,
    resourceType,
    resourceId,
    resourceName: app.name,
    environmentId: app.environment_id,
    details: { ...details, appGuid: app.id },
    success,
    ...(error === undefined ? {} : { error }),
  });
}

function creatorOf(build: RunningBuild): AuditSource['principal'] {
  if (build.created_by_id === null) return null;
  return {
    kind: build.created_by_type as 'user' | 'serviceAccount',
    id: build.created_by_id,
    email: build.created_by_email,
    name: build.created_by_name,
    credential: { kind: 'login', id: '' },
  };
}
