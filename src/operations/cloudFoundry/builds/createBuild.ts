import { uuidv7 } from 'uuidv7';
import { applyMetadata, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { named } from '../../../domain/cloudFoundry/named';
import { V3Problem } from '../../../domain/cloudFoundry/problem';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { enqueueStageBuild } from '../../../jobs/enqueue';
import { type BuildRow, findBuild, insertBuild } from '../../../store/cloudFoundry/builds';
import { lockAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { findPackage, lockPackage } from '../../../store/cloudFoundry/packages';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toBuild } from './view';

export const createBuild: V3Handler<'createBuild'> = async (request, { tx, principal, audit, publicUrl }) => {
  const body = request.body();
  const { guid } = body.package;
  const found = named(principal, await findPackage(tx, guid), 'Package', guid);
  requireRight(principal, 'assign');
  const app = named(principal, await lockAppOfDroplets(tx, found.service_id), 'Package', guid);
  const source = named(principal, await lockPackage(tx, found.id), 'Package', guid);
  const change = metadataChangeOf(body.metadata);
  applyMetadata({ labels: {}, annotations: {} }, change);

  const id = uuidv7();
  const isFirst = await insertBuild(tx, {
    id,
    dropletId: uuidv7(),
    packageId: source.id,
    appId: app.id,
    environmentId: app.environment_id,
    memoryInMb: body.staging_memory_in_mb ?? null,
    diskInMb: body.staging_disk_in_mb ?? null,
    logRateLimit: body.staging_log_rate_limit_bytes_per_second ?? null,
    createdByType: principal.kind,
    createdById: principal.id,
    createdByName: principal.name ?? principal.email,
    createdByEmail: principal.email,
  });
  if (!isFirst) throw new V3Problem('staging_in_progress', 'Another build of the app is staging; wait for its end.');
  await saveMetadata(tx, 'build', id, change);
  await enqueueStageBuild(tx, id);
  await audit({
    action: 'create',
    resourceType: 'build',
    resourceId: id,
    resourceName: app.name,
    environmentId: app.environment_id,
    details: { cfType: 'audit.app.build.create', appGuid: app.id, packageGuid: source.id, after: { image: source.image } },
  });
  return json(toBuild((await findBuild(tx, id)) as BuildRow, publicUrl()));
};
