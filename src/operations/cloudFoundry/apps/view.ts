import type { components } from '../../../../generated/contract';
import { appStateOf } from '../../../domain/cloudFoundry/app';
import type { AppRow } from '../../../store/cloudFoundry/apps';
import { v3Time } from '../times';

type Schemas = components['schemas'];

/** What clients of /v3 see of a service as an app. */
export function toApp(row: AppRow, publicUrl: string): Schemas['V3App'] {
  const self = `${publicUrl}/v3/apps/${row.id}`;
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    name: row.name,
    state: appStateOf(row.desired_state),
    lifecycle: { type: 'docker', data: {} },
    relationships: {
      space: { data: { guid: row.environment_id } },
      current_droplet: { data: { guid: row.current_droplet_id } },
    },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: {
      self: { href: self },
      space: { href: `${publicUrl}/v3/spaces/${row.environment_id}` },
      processes: { href: `${self}/processes` },
      packages: { href: `${self}/packages` },
      current_droplet: { href: `${self}/droplets/current` },
      droplets: { href: `${self}/droplets` },
      start: { href: `${self}/actions/start`, method: 'POST' },
      stop: { href: `${self}/actions/stop`, method: 'POST' },
    },
  };
}
