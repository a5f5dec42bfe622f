import type { Principal } from '../../access/principal';
import { splitRepository } from '../../images/reference';
import { unprocessable } from '../problem';
import { requireRight } from '../rights';
import { seen } from './access';

/** What is wrong with the body of a copy, beside its form: it takes start data from its source. */
export const copyProblems = (sent: Readonly<Record<string, unknown>>): string[] =>
  Object.hasOwn(sent, 'process_types') ? ["'process_types' is copied from the source, and cannot be given"] : [];

interface InEnvironment {
  environment_id: string;
}

/**
 * Source and destination of a copy, if it may be made: 404 for each that cannot be seen, 403 without the right to write
 * where it goes, 422 for a source that is not staged. To read the source is enough.
 */
export function copyable<Source extends InEnvironment & { state: string }, App extends InEnvironment>(
  principal: Principal,
  source: Source | undefined,
  app: App | undefined,
): { source: Source; app: App } {
  const found = { source: seen(principal, source, 'Droplet'), app: seen(principal, app, 'App') };
  requireRight(principal, 'develop');
  if (found.source.state !== 'STAGED')
    throw unprocessable(`Only a staged droplet can be copied; this one is ${found.source.state}`);
  return found;
}

/** What a space has to say to the image of a droplet that comes from another one. */
export interface Admission {
  /** Normal form. */
  repository: string;
  /** Where the droplet comes from, the host asked for credentials. */
  neededCredentials: boolean;
  /** The connection of the space that is for this image has credentials; one without could not pull what needs them. */
  canLogIn: boolean;
  /** The space has a container image of the repository. */
  isKnown: boolean;
  allowUnknown: boolean;
}

/** Refuses (422) an image that a space cannot pull, or may not use. */
export function requireAdmitted({ repository, neededCredentials, canLogIn, isKnown, allowUnknown }: Admission): void {
  const { host } = splitRepository(repository);
  if (neededCredentials && !canLogIn) {
    throw unprocessable(`The space of the app has no registry connection with credentials for ${host}, which takes them`);
  }
  requireKnown({ repository, isKnown, allowUnknown });
}

/** Refuses (422) a repository that a space does not follow, where only such may be used. */
export function requireKnown({
  repository,
  isKnown,
  allowUnknown,
}: Pick<Admission, 'repository' | 'isKnown' | 'allowUnknown'>): void {
  if (isKnown || allowUnknown) return;
  const { host } = splitRepository(repository);
  throw unprocessable(`The space has no container image of ${repository}, and others of ${host} may not be used there`);
}
