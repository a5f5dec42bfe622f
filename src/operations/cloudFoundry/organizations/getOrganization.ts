import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { findOrganization } from '../../../store/cloudFoundry/organizations';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toOrganization } from './view';

export const getOrganization: V3Handler<'getOrganization'> = async ({ path }, { db, publicUrl, organizationName }) => {
  const row = await findOrganization(db, path.guid);
  if (!row) throw resourceNotFound('Organization');
  return json(toOrganization(row, organizationName, publicUrl()));
};
