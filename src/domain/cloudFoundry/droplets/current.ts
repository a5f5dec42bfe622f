import { isObject } from '../../isObject';
import { unprocessable } from '../problem';

/** What is wrong with a body that names the current droplet, beside its form: it cannot ask for none. */
export function currentDropletProblems({ data }: Readonly<Record<string, unknown>>): string[] {
  const removes = data === null || (isObject(data) && (data.guid === undefined || data.guid === null));
  return removes ? ["'data': removal of the current droplet is not possible; name the guid of another one"] : [];
}

/** A droplet that is to be current. */
export interface Candidate {
  service_id: string;
  state: string;
  image: string | null;
  process_types: unknown;
}

/**
 * The droplet, if it may be current: 422 while a deployment of the app is under way, for a droplet that is missing or
 * another app's, and for one that could not be run.
 */
export function assignable<Droplet extends Candidate>(
  app: { id: string; hasActiveDeployment: boolean },
  droplet: Droplet | undefined,
): Droplet {
  requireNoDeployment(app.hasActiveDeployment);
  if (droplet?.service_id !== app.id) {
    throw unprocessable('Unable to set the current droplet: it must exist, and belong to this app; name such a droplet');
  }
  if (droplet.state !== 'STAGED') throw unprocessable(`Only a staged droplet can be current; this one is ${droplet.state}`);
  if (droplet.process_types === null) throw unprocessable('A droplet without process types cannot be current');
  if (!droplet.image) throw unprocessable('A droplet without image cannot be current');
  return droplet;
}

/** Refuses (422) what a deployment that is under way would have to look out for. */
export function requireNoDeployment(isActive: boolean): void {
  if (isActive) throw unprocessable('A deployment of the app is under way; wait for its end, or cancel it');
}
