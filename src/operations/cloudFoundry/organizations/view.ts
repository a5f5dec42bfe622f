import type { components } from '../../../../generated/contract';
import type { OrganizationRow } from '../../../store/cloudFoundry/organizations';
import { v3Time } from '../times';

/** What clients of /v3 see of the installation. */
export function toOrganization(row: OrganizationRow, name: string, publicUrl: string): components['schemas']['V3Organization'] {
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    name,
    suspended: row.suspended,
    relationships: { quota: { data: null } },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: { self: { href: `${publicUrl}/v3/organizations/${row.id}` } },
  };
}
