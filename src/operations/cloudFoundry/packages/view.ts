import type { components } from '../../../../generated/contract';
import type { PackageRow } from '../../../store/cloudFoundry/packages';
import { v3Time } from '../times';

const hidden = '***';

/** What clients of /v3 see of a package. The password is never told, nor whether there is one. */
export function toPackage(row: PackageRow, publicUrl: string): components['schemas']['V3Package'] {
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    type: 'docker',
    data: { image: row.image, username: row.username, password: row.username === null ? null : hidden },
    state: 'READY',
    relationships: { app: { data: { guid: row.service_id } } },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: {
      self: { href: `${publicUrl}/v3/packages/${row.id}` },
      app: { href: `${publicUrl}/v3/apps/${row.service_id}` },
    },
  };
}
