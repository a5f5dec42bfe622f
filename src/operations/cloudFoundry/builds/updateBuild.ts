import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { type BuildRow, findBuild, lockBuild, touchBuild } from '../../../store/cloudFoundry/builds';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toBuild } from './view';

export const updateBuild: V3Handler<'updateBuild'> = async (request, { tx, principal, audit, publicUrl }) => {
  const found = seen(principal, await findBuild(tx, request.path.guid), 'Build');
  requireRight(principal, 'develop');
  const { metadata } = request.body();
  const row = seen(principal, await lockBuild(tx, found.id), 'Build');
  const change = metadataChangeOf(metadata);
  applyMetadata(row, change);

  await saveMetadata(tx, 'build', row.id, change);
  await touchBuild(tx, row.id);
  await audit({
    action: 'update',
    resourceType: 'build',
    resourceId: row.id,
    resourceName: (await findAppOfDroplets(tx, row.service_id))?.name ?? null,
    environmentId: row.environment_id,
    details: { cfType: 'audit.app.build.update', appGuid: row.service_id, metadata: changedKeys(change) },
  });
  return json(toBuild((await findBuild(tx, row.id)) as BuildRow, publicUrl()));
};
