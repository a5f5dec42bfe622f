import type { UpstreamFailure } from '../../domain/errors';

export type FailureReason = UpstreamFailure['reason'];

export interface FailureParts {
  reason: FailureReason;
  message: string;
  /** The way out, for a person. */
  hint: string;
  status?: number | undefined;
  retryAt?: Date | undefined;
  /** The caller's signal ended the request: the registry may be well. */
  cutOff?: boolean;
  /** A connection was made, and TLS agreed upon. */
  connected?: boolean;
  /** The same request may succeed when it is sent again at once. */
  transient?: boolean;
  cause?: unknown;
}

/** Thrown for whatever a registry does not do as asked. `failure` and `hint` are safe to show and to store. */
export class RegistryFailure extends Error {
  override readonly name: string = 'RegistryFailure';
  readonly failure: UpstreamFailure;
  readonly hint: string;
  readonly cutOff: boolean;
  readonly connected: boolean;
  readonly transient: boolean;

  /** @param name of the connection, @param host that was talked to */
  constructor(name: string, host: string, parts: FailureParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.failure = {
      kind: 'registry',
      name,
      host,
      ...(parts.status === undefined ? {} : { status: parts.status }),
      reason: parts.reason,
      message: parts.message,
      ...(parts.retryAt === undefined ? {} : { retryAt: parts.retryAt.toISOString() }),
    };
    this.hint = parts.hint;
    this.cutOff = parts.cutOff ?? false;
    this.connected = parts.connected ?? true;
    this.transient = parts.transient ?? false;
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
