import type { OperationId, operations } from '../../../generated/operations';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Answer, AnswerOf, BodyOf, ContextOf, PathOf, QueryOf } from '../handler';

/**
 * A request of /v3 as its handler sees it. The query is checked before the handler runs (400); the body when it asks
 * for it (422), since each operation has its own place for that among its checks.
 */
export interface V3Request<Id extends OperationId> {
  readonly path: PathOf<Id>;
  /** Whether the body names a member, whatever its value; for checks that go before those of the body. */
  names(member: string): boolean;
  /**
   * The body, checked against the contract and the rules of metadata; throws 422 with every problem. `rules` tells what is
   * wrong beside that: it sees the members as they were sent, whatever they are.
   */
  body(rules?: (sent: Readonly<Record<string, unknown>>) => readonly string[]): BodyOf<Id>;
  query(): QueryOf<Id>;
  /** For operations with `page` and `per_page`. */
  list(): ListRequest;
}

/** As `Handler`, for operations of /v3. */
export type V3Handler<Id extends OperationId> = (
  request: V3Request<Id>,
  context: ContextOf<(typeof operations)[Id]>,
) => Promise<Answer<AnswerOf<Id>>>;
