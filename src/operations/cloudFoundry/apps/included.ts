import type { components } from '../../../../generated/contract';
import { theOrganization } from '../../../store/cloudFoundry/organizations';
import { findSpaces } from '../../../store/cloudFoundry/spaces';
import type { ReadContext } from '../../handler';
import { toOrganization } from '../organizations/view';
import { toSpace } from '../spaces/view';

type Included = NonNullable<components['schemas']['V3AppList']['included']>;

/** What stands beside a page of apps: each space of theirs once, and the organization of those; undefined unless asked for. */
export async function includedOf(
  { db, publicUrl, organizationName }: Pick<ReadContext, 'db' | 'publicUrl' | 'organizationName'>,
  include: readonly string[] | undefined,
  apps: readonly { environment_id: string }[],
): Promise<Included | undefined> {
  if (!include) return undefined;
  const ids = [...new Set(apps.map((app) => app.environment_id))];
  const url = publicUrl();
  const included: Included = {};
  if (include.includes('space')) {
    const spaces = ids.length === 0 ? [] : await findSpaces(db, ids);
    included.spaces = spaces.map((row) => toSpace(row, url));
  }
  if (include.includes('space.organization')) {
    const organizations = ids.length === 0 ? [] : [await theOrganization(db)];
    included.organizations = organizations.map((row) => toOrganization(row, organizationName, url));
  }
  return included;
}
