import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { changeApp, findApp, lockApp } from '../../../store/cloudFoundry/apps';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { requireFreeName, saving } from './rules';
import { toApp } from './view';

export const updateApp: V3Handler<'updateApp'> = async (request, { tx, principal, audit, publicUrl }) => {
  const found = seen(principal, await findApp(tx, request.path.guid), 'App');
  requireRight(principal, 'apps');
  const body = request.body();
  const row = seen(principal, await lockApp(tx, found.id), 'App');
  const { name = row.name } = body;
  const metadata = metadataChangeOf(body.metadata);
  applyMetadata(row, metadata);
  const isRenamed = name !== row.name;
  if (isRenamed) await requireFreeName(tx, row.environment_id, name);

  await saving({ name, space: row.environment_id }, () => changeApp(tx, row.id, name));
  await saveMetadata(tx, 'app', row.id, metadata);
  const saved = seen(principal, await findApp(tx, row.id), 'App');
  await audit({
    action: 'update',
    resourceType: 'service',
    resourceId: row.id,
    resourceName: name,
    environmentId: row.environment_id,
    details: {
      cfType: 'audit.app.update',
      changed: Object.keys(body),
      ...(isRenamed ? { before: { name: row.name }, after: { name } } : {}),
      metadata: changedKeys(metadata),
    },
  });
  return json(toApp(saved, publicUrl()));
};
