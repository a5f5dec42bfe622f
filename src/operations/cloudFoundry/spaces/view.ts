import type { components } from '../../../../generated/contract';
import type { SpaceRow } from '../../../store/cloudFoundry/spaces';
import { v3Time } from '../times';

/** What clients of /v3 see of an environment. */
export function toSpace(row: SpaceRow, publicUrl: string): components['schemas']['V3Space'] {
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    name: row.name,
    suspended: false,
    relationships: { organization: { data: { guid: row.organization_id } }, quota: { data: null } },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: {
      self: { href: `${publicUrl}/v3/spaces/${row.id}` },
      organization: { href: `${publicUrl}/v3/organizations/${row.organization_id}` },
    },
  };
}
