import type { Answer } from '../operations/handler';
import type { OperationFacts } from './operationFacts';

/** How an operation is spoken at the edge. Handlers know of no dialect; what they get and give is as the contract has it. */
export interface Spoken {
  /** What requests are read by. */
  facts: OperationFacts;
  /** The body as the contract has it, made of what was sent. */
  heard(body: unknown): unknown;
  /** The answer as it is sent, made of the one that the handler gave. */
  told(answer: Answer<unknown>): Answer<unknown>;
  /** The resource as it is sent: the ETag is made of that. */
  shown(resource: unknown): unknown;
}

export type Dialect = (facts: OperationFacts) => Spoken;

const same = <Value>(value: Value): Value => value;

/** As the contract has it. */
export const plain: Dialect = (facts) => ({ facts, heard: same, told: same, shown: same });
