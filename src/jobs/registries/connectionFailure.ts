import type { CallOptions, RegistryAccess } from '../../integrations/oci/access';
import type { RegistryClient } from '../../integrations/oci/client';
import type { RegistryFailure } from '../../integrations/oci/failure';

/** These say something about the connection, whichever image was asked for. */
const always = new Set(['dns', 'connection_refused', 'tls', 'rate_limited']);
/** These may be about one repository: registries answer 401 for a private one, and a huge one is slow. */
const perhaps = new Set(['unauthorized', 'forbidden', 'timeout', 'bad_response']);
/** A registry that lets image after image wait is down, whatever it answers to a test. */
const mostTimeoutsInARow = 3;

/**
 * Tells failures of a connection from those of an image, so that a refresh stops asking after the first one of the former,
 * and one odd repository does not keep the others from being read. In doubt the connection itself is tested, once.
 */
export class ConnectionVerdict {
  private tested: Promise<RegistryFailure | null> | undefined;
  private timeoutsInARow = 0;

  constructor(
    private readonly client: RegistryClient,
    private readonly access: RegistryAccess,
    private readonly options: CallOptions,
  ) {}

  /** An image was read. */
  wasGood(): void {
    this.timeoutsInARow = 0;
  }

  /** What is wrong with the connection; null = only the image is concerned. */
  async of(failure: RegistryFailure): Promise<RegistryFailure | null> {
    const { reason } = failure.failure;
    if (always.has(reason)) return failure;
    if (!perhaps.has(reason)) return null;
    if (reason === 'timeout' && ++this.timeoutsInARow >= mostTimeoutsInARow) return failure;
    return this.test();
  }

  /** What a test of the connection finds; asked once. */
  test(): Promise<RegistryFailure | null> {
    this.tested ??= this.client.test(this.access, null, this.options).then(({ failure }) => failure);
    return this.tested;
  }
}
