import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { lockOrganization, updateOrganizationRow } from '../../../store/cloudFoundry/organizations';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toOrganization } from './view';

export const updateOrganization: V3Handler<'updateOrganization'> = async (request, context) => {
  const { tx, principal, publicUrl, organizationName, audit, credentialsChanged } = context;
  const row = await lockOrganization(tx, request.path.guid);
  if (!row) throw resourceNotFound('Organization');
  requireRight(principal, 'admin');

  const body = request.body();
  const change = metadataChangeOf(body.metadata);
  applyMetadata(row, change);
  await saveMetadata(tx, 'organization', row.id, change);
  const saved = await updateOrganizationRow(tx, { id: row.id, suspended: body.suspended ?? row.suspended });
  await audit({
    action: 'update',
    resourceType: 'system_settings',
    resourceId: row.id,
    resourceName: organizationName,
    details: {
      cfType: 'audit.organization.update',
      changed: Object.keys(body),
      ...changedKeys(change),
      ...(saved.suspended === row.suspended ? {} : { suspended: saved.suspended }),
    },
  });
  // What is remembered of credentials says whether the installation is suspended.
  if (saved.suspended !== row.suspended) credentialsChanged();
  return json(toOrganization(saved, organizationName, publicUrl()));
};
