import type { Principal } from '../access/principal';
import { type Belonging, mayRead } from '../access/resourceScopes';

/** What can be told on an event stream. Releases that come send the types that this one never sends. */
export type EventType =
  | 'operation'
  | 'image_update'
  | 'registry_refresh'
  | 'resource_changed'
  | 'health_status'
  | 'deployment_progress'
  | 'metrics_updated'
  | 'discovery';

/** Something to tell on the event streams. */
export interface NewEvent {
  type: EventType;
  /** null: it concerns the installation. */
  environmentId: string | null;
  /** The type of the resource that it tells of: who may read that may read the event. null: the environment's own. */
  resourceType: string | null;
  /** As the contract describes it for this type; `environmentId` is put in front. */
  data: object;
}

/** Types of resources whose changes are no news: a login is listed nowhere, and a change of one only says who comes and goes. */
const untold = new Set(['login']);
/** Who was shown a secret is on record; nothing changed by it. */
const untoldActions = new Set(['reveal']);

/** Whether a change is told on the streams: it happened, and there is an object to look at. */
export const isTold = (change: { success: boolean; action: string; resourceType: string; resourceId: string | null }): boolean =>
  change.success && change.resourceId !== null && !untold.has(change.resourceType) && !untoldActions.has(change.action);

/** What a stream was asked for; undefined = everything. */
export interface EventWishes {
  environmentIds?: ReadonlySet<string> | undefined;
  types?: ReadonlySet<string> | undefined;
}

/** Whether a stream has an event in it: it was asked for, and the reader may read the resource that it tells of. */
export function isOnStream(principal: Principal, wishes: EventWishes, event: Belonging & { type: EventType }): boolean {
  if (wishes.types && !wishes.types.has(event.type)) return false;
  if (wishes.environmentIds && !(event.environment_id !== null && wishes.environmentIds.has(event.environment_id))) return false;
  return mayRead(principal, event);
}
