import { environmentsInReach } from '../../../domain/access/principal';
import { theOrganization } from '../../../store/cloudFoundry/organizations';
import * as store from '../../../store/cloudFoundry/spaces';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toOrganization } from '../organizations/view';
import { pageOf } from '../page';
import { toSpace } from './view';

export const listSpaces: V3Handler<'listSpaces'> = async (request, { db, principal, publicUrl, organizationName }) => {
  const asked = request.list();
  const { rows, total } = await store.listSpaces(db, asked, environmentsInReach(principal));
  const spaces = rows.map((row) => toSpace(row, publicUrl()));
  if (!asked.filters.include) return json(pageOf(publicUrl(), '/v3/spaces', asked, total, spaces));

  // What no space on the page belongs to is not included.
  const organizations = spaces.length === 0 ? [] : [toOrganization(await theOrganization(db), organizationName, publicUrl())];
  return json(pageOf(publicUrl(), '/v3/spaces', asked, total, spaces, { organizations }));
};
