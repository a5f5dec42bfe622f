import type { components } from '../../../../generated/contract';
import type { Principal } from '../../../domain/access/principal';
import { seesStartData } from '../../../domain/cloudFoundry/rights';
import type { DropletRow } from '../../../store/cloudFoundry/droplets';
import { v3Time } from '../times';

type Schemas = components['schemas'];

/** Whether start data is told. `hiddenInLists` says so of lists, which hide it from everybody. */
export type StartData = 'shown' | 'hidden' | 'hiddenInLists';

/** What stands in the place of start data. */
export const redactions = { hidden: '[PRIVATE DATA HIDDEN]', hiddenInLists: '[PRIVATE DATA HIDDEN IN LISTS]' };

/** What one droplet tells a principal of its start data. */
export const startDataFor = (principal: Principal): StartData => (seesStartData(principal) ? 'shown' : 'hidden');

/** What clients of /v3 see of a droplet. */
export function toDroplet(row: DropletRow, publicUrl: string, startData: StartData): Schemas['V3Droplet'] {
  const app = `${publicUrl}/v3/apps/${row.service_id}`;
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    state: row.state as Schemas['V3DropletState'],
    error: row.error,
    lifecycle: { type: 'docker', data: {} },
    checksum: null,
    buildpacks: null,
    stack: null,
    image: row.image,
    ...toStartData(row, startData),
    relationships: { app: { data: { guid: row.service_id } } },
    metadata: { labels: row.labels, annotations: row.annotations },
    links: {
      self: { href: `${publicUrl}/v3/droplets/${row.id}` },
      app: { href: app },
      assign_current_droplet: { href: `${app}/relationships/current_droplet`, method: 'PATCH' },
      ...(row.package_id === null ? {} : { package: { href: `${publicUrl}/v3/packages/${row.package_id}` } }),
    },
  };
}

/** Which droplet of an app is current. */
export function toCurrentDroplet(appId: string, dropletId: string, publicUrl: string): Schemas['V3CurrentDroplet'] {
  const app = `${publicUrl}/v3/apps/${appId}`;
  return {
    data: { guid: dropletId },
    links: { self: { href: `${app}/relationships/current_droplet` }, related: { href: `${app}/droplets/current` } },
  };
}

function toStartData(row: DropletRow, startData: StartData): Pick<Schemas['V3Droplet'], 'execution_metadata' | 'process_types'> {
  if (startData === 'shown') {
    const types = row.process_types as Record<string, string> | null;
    return { execution_metadata: row.execution_metadata, process_types: types };
  }
  const redacted = redactions[startData];
  return { execution_metadata: redacted, process_types: { redacted_message: redacted } };
}
