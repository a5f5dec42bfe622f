import type { OperationId, operations } from '../../../generated/operations';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Answer, AnswerOf, BodyOf, ContextOf, PathOf, QueryOf } from '../handler';

/**
 * A request of /v3 as its handler sees it. The query is checked before the handler runs (400); the body when it asks
 * for it (422), since each operation has its own place for that among its checks.
 */
export interface V3Request<Id extends OperationId> {
  readonly path: PathOf<Id>;
  /** The body, checked against the contract and the rules of metadata; throws 422 with every problem. */
  body(): BodyOf<Id>;
  query(): QueryOf<Id>;
  /** For operations with `page` and `per_page`. */
  list(): ListRequest;
}

/** As `Handler`, for operations of /v3. */
export type V3Handler<Id extends OperationId> = (
  request: V3Request<Id>,
  context: ContextOf<(typeof operations)[Id]>,
) => Promise<Answer<AnswerOf<Id>>>;
