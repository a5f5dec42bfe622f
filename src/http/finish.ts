import { rateHeadersOfV3 } from './cloudFoundry/headers';
import { closeWhenDraining, type Exchange } from './exchange';
import type { OperationFacts } from './operationFacts';
import { type Rendered, send } from './respond';

/** Sends the answer of an operation. */
export function finish(exchange: Exchange, facts: OperationFacts, rendered: Rendered, replayed: boolean): void {
  const ifNoneMatch = facts.method === 'get' ? exchange.request.headers['if-none-match'] : undefined;
  closeWhenDraining(exchange);
  if (facts.surface === 'v3') rateHeadersOfV3(exchange.headers, new Date());
  send(exchange.response, exchange.headers, rendered, facts, ifNoneMatch, replayed);
}
