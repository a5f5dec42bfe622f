import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { patchedCredential } from '../../../domain/cloudFoundry/packages/body';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { sealPassword } from '../../../store/cloudFoundry/packagePassword';
import { findPackage, lockPackage, type PackageRow, updatePackageRow } from '../../../store/cloudFoundry/packages';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toPackage } from './view';

export const updatePackage: V3Handler<'updatePackage'> = async (request, { tx, principal, keyring, audit, publicUrl }) => {
  const found = seen(principal, await findPackage(tx, request.path.guid), 'Package');
  requireRight(principal, 'develop');
  const { username, password, metadata } = request.body();
  const row = seen(principal, await lockPackage(tx, found.id), 'Package');
  const change = metadataChangeOf(metadata);
  applyMetadata(row, change);

  await saveMetadata(tx, 'package', row.id, change);
  const sealed = password ? sealPassword(keyring, row.id, password) : password;
  await updatePackageRow(tx, {
    id: row.id,
    username: patchedCredential(row.username, username),
    passwordSealed: patchedCredential(row.password_sealed, sealed),
  });
  const saved = (await findPackage(tx, row.id)) as PackageRow;
  await audit({
    action: 'update',
    resourceType: 'package',
    resourceId: row.id,
    resourceName: (await findAppOfDroplets(tx, row.service_id))?.name ?? null,
    environmentId: row.environment_id,
    details: {
      cfType: 'audit.app.package.update',
      appGuid: row.service_id,
      changed: Object.keys(request.body()),
      before: { username: row.username },
      after: { username: saved.username },
      metadata: changedKeys(change),
    },
  });
  return json(toPackage(saved, publicUrl()));
};
