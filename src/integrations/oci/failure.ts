import type { UpstreamFailure } from '../../domain/errors';

export type FailureReason = UpstreamFailure['reason'];

interface FailureParts {
  /** The way out, for a person. */
  hint: string;
  /** The caller's signal ended the request, not the registry. */
  cutOff?: boolean;
  cause?: unknown;
}

/** Thrown for whatever a registry does not do as asked. `failure` and `hint` are safe to show and to store. */
export class RegistryFailure extends Error {
  readonly failure: UpstreamFailure;
  readonly hint: string;
  /** The caller's signal ended the request: the registry may be well. */
  readonly cutOff: boolean;

  constructor(failure: UpstreamFailure, { hint, cutOff = false, cause }: FailureParts) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.name = 'RegistryFailure';
    this.failure = failure;
    this.hint = hint;
    this.cutOff = cutOff;
  }
}

/** The registry has no list of its repositories, or shows it to nobody; everything else may work. */
export class CatalogUnsupported extends RegistryFailure {
  override readonly name = 'CatalogUnsupported';
}

/** An optional request that was not sent, because less than a tenth of the host's rate limit is left. */
export class OptionalRefused extends RegistryFailure {
  override readonly name = 'OptionalRefused';
}
