/** What can be told on an event stream. Releases that come send the types that this one never sends. */
export const eventTypes = [
  'operation',
  'image_update',
  'registry_refresh',
  'resource_changed',
  'health_status',
  'deployment_progress',
  'metrics_updated',
  'discovery',
] as const;

export type EventType = (typeof eventTypes)[number];

/** Types of resources whose changes are no news: a login is listed nowhere, and a change of one only says who comes and goes. */
const untold = new Set(['login']);

/** Whether a change is told on the streams: it happened, and there is an object to look at. */
export const isTold = (change: { success: boolean; resourceType: string; resourceId: string | null }): boolean =>
  change.success && change.resourceId !== null && !untold.has(change.resourceType);
