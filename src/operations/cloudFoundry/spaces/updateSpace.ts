import { seesEnvironment } from '../../../domain/access/principal';
import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { lockSpace, touchSpace } from '../../../store/cloudFoundry/spaces';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toSpace } from './view';

export const updateSpace: V3Handler<'updateSpace'> = async (request, { tx, principal, publicUrl, audit }) => {
  const row = await lockSpace(tx, request.path.guid);
  if (!row || !seesEnvironment(principal, row.id)) throw resourceNotFound('Space');
  requireRight(principal, 'develop');

  const body = request.body();
  const change = metadataChangeOf(body.metadata);
  applyMetadata(row, change);
  await saveMetadata(tx, 'space', row.id, change);
  const saved = await touchSpace(tx, row.id);
  await audit({
    action: 'update',
    resourceType: 'environment',
    resourceId: row.id,
    resourceName: row.name,
    environmentId: row.id,
    details: { cfType: 'audit.space.update', changed: Object.keys(body), ...changedKeys(change) },
  });
  return json(toSpace(saved, publicUrl()));
};
