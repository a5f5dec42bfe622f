import { unprocessable, V3Problem } from './problem';

/** What is wanted of a service, as /v3 tells it. */
export const appStateOf = (desiredState: string): 'STARTED' | 'STOPPED' => (desiredState === 'stopped' ? 'STOPPED' : 'STARTED');

/** 422 for a name that another app of the space has. Clients compare these words. */
export const appNameTaken = (name: string): V3Problem =>
  new V3Problem('uniqueness', `App with the name '${name}' already exists.`);

/** 422 for a space that is not there, or cannot be seen. */
export const unknownSpace = (guid: string): V3Problem =>
  unprocessable(`Invalid space "${guid}": ensure that the space exists and you have access to it`);

/** 422 for what would change what runs. */
export const noExecutor = (): V3Problem =>
  unprocessable('No executor is present: this release starts and stops nothing on any server');

/** 422 for an app that has nothing to run. Clients compare these words. */
export const assignDropletFirst = (): V3Problem => unprocessable('Assign a droplet before starting this app.');
