import { type Callers, callersOf, dropletRow, makeCurrent } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import type { Portolan } from '../../../support/portolan';
import { placementRow, serverRow, serviceRow } from '../../../support/rows';

export interface Scene {
  space: string;
  /** With a current droplet and a URL to check, on two servers. */
  shop: string;
  /** As it was created: nothing of all that. */
  bare: string;
  callers: Callers;
}

/** Two apps of one space, and whoever may ask for them. */
export async function sceneOfProcesses(portolan: Portolan): Promise<Scene> {
  const space = await environment(portolan);
  const health = { health_check_url: 'http://127.0.0.1:8080/health', health_wait_ms: 20_000, health_interval_ms: 2_000 };
  const shop = await serviceRow(portolan, space, { name: 'shop', ...health });
  await makeCurrent(portolan, await dropletRow(portolan, shop));
  // The second one is older: the index follows the age of a placement, not the order of writing.
  const young = await serverRow(portolan, shop, 'young');
  await placementRow(portolan, shop, null, { server_id: young, created_at: '2026-03-01T08:00:05.900Z' });
  const old = await serverRow(portolan, shop, 'old');
  await placementRow(portolan, shop, null, { server_id: old, created_at: '2026-03-01T08:00:00Z' });
  const bare = await serviceRow(portolan, space, { name: 'bare' });
  const callers = await callersOf(portolan, [space], await environment(portolan));
  return { space, shop, bare, callers };
}

/** The two placements of `shop`, as instances. */
export const instancesOfShop = [
  { index: 0, state: 'DOWN', since: Date.parse('2026-03-01T08:00:00Z') / 1000 },
  { index: 1, state: 'DOWN', since: Date.parse('2026-03-01T08:00:05Z') / 1000 },
];

/** As stats tell them. */
export const statsOfShop = ['old', 'young'].map((server, index) => ({
  type: 'web',
  index,
  state: 'DOWN',
  routable: false,
  uptime: 0,
  isolation_segment: null,
  details: `Nothing reports on the container on server ${server}`,
}));
