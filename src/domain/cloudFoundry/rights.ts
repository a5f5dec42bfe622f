import { hasScope, type Principal } from '../access/principal';
import { notAuthorized, suspended } from './problem';

/** What a principal may change under /v3, in every environment that it reaches. */
export type Right =
  /** Everything: an admin whose scopes are not limited. */
  | 'admin'
  /** Droplets, packages, builds, spaces: a developer. */
  | 'develop'
  /** Builds, the current droplet: a supporter, and whoever develops. */
  | 'assign'
  /** The image of a droplet. */
  | 'repoint'
  /** Apps as such. */
  | 'apps'
  /** What runs. */
  | 'deploy';

const isAdmin = ({ role, scopes }: Principal): boolean => role === 'admin' && (scopes === null || scopes.includes('admin:*'));

const rules: Record<Right, (principal: Principal) => boolean> = {
  admin: isAdmin,
  develop: (principal) => hasScope(principal, 'droplets:write'),
  assign: (principal) => hasScope(principal, 'droplets:write') || hasScope(principal, 'droplets:assign'),
  repoint: (principal) => hasScope(principal, 'droplets:repoint'),
  apps: (principal) => hasScope(principal, 'services:write'),
  deploy: (principal) => hasScope(principal, 'deploys:write'),
};

export const hasRight = (principal: Principal, right: Right): boolean => rules[right](principal);

/** Whether start data is shown: to whoever develops, and to readers who may reveal secrets. */
export const seesStartData = (principal: Principal): boolean =>
  hasRight(principal, 'develop') || (hasScope(principal, 'droplets:read') && hasScope(principal, 'secrets:reveal'));

/** Whether the suspended installation takes no change from a principal. */
export const isFrozenFor = (principal: Principal): boolean => principal.installationSuspended && !isAdmin(principal);

/** Refuses a write (403): first for the right, then because the installation is suspended, which does not hold an admin. */
export function requireRight(principal: Principal, right: Right): void {
  if (!hasRight(principal, right)) throw notAuthorized();
  if (isFrozenFor(principal)) throw suspended();
}
