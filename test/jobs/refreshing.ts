import { type RefreshParts, refreshRegistry } from '../../src/jobs/registries/refreshRegistry';
import type { Portolan } from '../support/portolan';

/** What a worker of this service would refresh with. */
export function refreshParts(portolan: Portolan, parts: Partial<RefreshParts> = {}): RefreshParts {
  const { walkParts } = portolan.context;
  return { ...walkParts, stopping: new AbortController().signal, ...parts };
}

/** Refreshes a connection here and now. */
export const refresh = (portolan: Portolan, registryId: string, parts: Partial<RefreshParts> = {}) =>
  refreshRegistry(refreshParts(portolan, parts), registryId);
