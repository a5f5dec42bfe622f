import type { components } from '../../../../generated/contract';
import type { BuildRow } from '../../../store/cloudFoundry/builds';
import { v3Time } from '../times';

type View = components['schemas']['V3Build'];

/** What clients of /v3 see of a build. Its droplet is told once it has ended. */
export function toBuild(row: BuildRow, publicUrl: string): View {
  const dropletId = row.state === 'STAGING' ? null : row.droplet_id;
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    state: row.state as View['state'],
    staging_memory_in_mb: row.staging_memory_in_mb,
    staging_disk_in_mb: row.staging_disk_in_mb,
    staging_log_rate_limit_bytes_per_second: row.staging_log_rate_limit_bytes_per_second,
    error: row.error,
    lifecycle: { type: 'docker', data: {} },
    package: { guid: row.package_id },
    droplet: dropletId === null ? null : { guid: dropletId },
    created_by: { guid: row.created_by_id, name: row.created_by_name, email: row.created_by_email },
    relationships: { app: { data: { guid: row.service_id } } },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: {
      self: { href: `${publicUrl}/v3/builds/${row.id}` },
      app: { href: `${publicUrl}/v3/apps/${row.service_id}` },
      ...(dropletId === null ? {} : { droplet: { href: `${publicUrl}/v3/droplets/${dropletId}` } }),
    },
  };
}
