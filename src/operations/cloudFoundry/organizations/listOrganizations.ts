import * as store from '../../../store/cloudFoundry/organizations';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toOrganization } from './view';

export const listOrganizations: V3Handler<'listOrganizations'> = async (request, { db, publicUrl, organizationName }) => {
  const asked = request.list();
  const { rows, total } = await store.listOrganizations(db, organizationName, asked);
  const organizations = rows.map((row) => toOrganization(row, organizationName, publicUrl()));
  return json(pageOf(publicUrl(), '/v3/organizations', asked, total, organizations));
};
