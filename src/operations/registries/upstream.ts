import { Problem, stateForbids, type UpstreamFailure } from '../../domain/errors';
import { shownHost } from '../../domain/registries/connectionFor';
import { problemOfRegistryFailure, timeIsOver } from '../../domain/registries/registryFailure';
import type { RegistryAccess } from '../../integrations/oci/client';
import { CatalogUnsupported, RegistryFailure } from '../../integrations/oci/failure';

interface Asking {
  signal: AbortSignal;
  now(): Date;
}

/** Asks a registry; what it does not do becomes the answer: 404, 409, 502 or 503. `repository` is the one that is asked for. */
export async function askRegistry<T>(
  { signal, now }: Asking,
  access: RegistryAccess,
  repository: string | null,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOf(error, signal, access, repository, now());
  }
}

function problemOf(error: unknown, signal: AbortSignal, access: RegistryAccess, repository: string | null, now: Date): unknown {
  if (isGone(signal)) return clientGone(error);
  if (signal.aborted || (error instanceof RegistryFailure && error.cutOff)) {
    const { failure, hint } = timeIsOver(access.name, shownHost(access));
    return problemOfRegistryFailure(failure, hint, now);
  }
  if (error instanceof CatalogUnsupported) {
    return stateForbids(error.message, { reason: 'catalog_unsupported', upstream: error.failure }, error.hint);
  }
  if (!(error instanceof RegistryFailure)) return error;
  if (repository !== null && error.failure.reason === 'not_found') return unknownRepository(repository, error.failure);
  return problemOfRegistryFailure(error.failure, error.hint, now);
}

/** Whether the client went away, rather than the time. */
export const isGone = (signal: AbortSignal): boolean =>
  signal.aborted && (signal.reason as { name?: string } | undefined)?.name === 'AbortError';

/** Nobody reads this answer; it only keeps an ended request from looking like a defect. */
export const clientGone = (cause?: unknown): Problem =>
  new Problem('unavailable', { message: 'The client went away.', retryAfterSeconds: 1, cause });

/** 404 for a repository that a registry does not have, or shows to nobody who asks with these credentials. */
function unknownRepository(repository: string, upstream: UpstreamFailure): Problem {
  return new Problem('not_found', {
    message: `${upstream.host} has no repository "${repository.slice(0, 200)}" for the credentials of "${upstream.name}".`,
    hint: 'Look at its spelling, and at the rights of these credentials.',
    details: { upstream },
  });
}

/** 404 for a path part that can be the name of no repository, and why. */
export function impossibleRepository(repository: string, hint: string): Problem {
  return new Problem('not_found', {
    message: `"${repository.slice(0, 200)}" can be the name of no repository.`,
    hint: /%2f/i.test(repository) ? 'Encode "/" only once, as %2F.' : hint,
  });
}
