import { clientCalls } from '../../generated/clientCalls';
import { callerOf, type Perform, type PortolanOptions, type Written } from './caller';
import { PortolanError } from './errors';
import { type EventOptions, eventsOf, type PortolanEvent } from './events';
import { listing } from './lists';
import type { Answer, Calls, Lists, Method, OperationId, PathCall, Schemas, WithResponse } from './types';
import { type WaitOptions, waitForOperation } from './waiting';

/** A client of one service. What does not succeed throws a PortolanError. */
export interface Portolan {
  /** Every operation by its operationId: `call.getRegistry({ path: { id } })` gives the answer's data. */
  readonly call: Calls;
  /** Every list to its end: `for await (const registry of each.listRegistries({ path: { envId } }))`. */
  readonly each: Lists;
  /** Every operation by its path, as openapi-fetch has it: `GET('/api/registries/{id}', { params: { path: { id } } })`. */
  readonly GET: PathCall<'get'>;
  readonly PUT: PathCall<'put'>;
  readonly POST: PathCall<'post'>;
  readonly DELETE: PathCall<'delete'>;
  readonly PATCH: PathCall<'patch'>;
  /** Waits until an operation has succeeded, and gives it. */
  waitForOperation(id: string, options?: WaitOptions): Promise<Schemas['Operation']>;
  /** Events as they come; the stream is resumed when it breaks. */
  events(options?: EventOptions): AsyncIterableIterator<PortolanEvent>;
}

/** Makes a client. Nothing is sent yet. */
export function createPortolan(options: PortolanOptions): Portolan {
  const perform = callerOf(options);
  const byPath = pathCalls(perform);
  return {
    call: perOperation(
      () => true,
      (id) => (input?: Written) => answerOf(perform(id, input)),
    ) as unknown as Calls,
    each: perOperation(isList, (id) => (input?: Written) => listing(perform, id, input)) as unknown as Lists,
    GET: byPath('get'),
    PUT: byPath('put'),
    POST: byPath('post'),
    DELETE: byPath('delete'),
    PATCH: byPath('patch'),
    waitForOperation: (id, waiting) => waitForOperation(perform, id, waiting),
    events: (following) => eventsOf(perform, following),
  };
}

const operationIds = Object.keys(clientCalls) as OperationId[];
const isList = (id: OperationId): boolean => 'list' in clientCalls[id];

function perOperation<T>(wanted: (id: OperationId) => boolean, make: (id: OperationId) => T): Record<string, T> {
  return Object.fromEntries(operationIds.filter(wanted).map((id) => [id, make(id)]));
}

function answerOf(whole: Promise<WithResponse<unknown>>): Answer<unknown> {
  const data = whole.then((answer) => answer.data);
  return Object.assign(data, {
    withResponse() {
      // Whoever takes the whole answer hears of its failure there.
      data.catch(() => {});
      return whole;
    },
  });
}

interface PathInput extends Omit<Written, 'path' | 'query' | 'header'> {
  params?: Pick<Written, 'path' | 'query' | 'header'>;
}

function pathCalls(perform: Perform): <M extends Method>(method: M) => PathCall<M> {
  const ids = new Map(operationIds.map((id) => [`${clientCalls[id].method} ${clientCalls[id].path}`, id]));
  return ((method: Method) =>
    async (path: string, { params, ...input }: PathInput = {}) => {
      const id = ids.get(`${method} ${path}`);
      if (!id) {
        const message = `The contract has no ${method.toUpperCase()} ${path}.`;
        throw new PortolanError({
          code: 'INVALID_CALL',
          message,
          hint: 'Paths are written as in the contract, with {id} and params.path.',
        });
      }
      return perform(id, { ...input, ...params });
    }) as unknown as <M extends Method>(method: M) => PathCall<M>;
}
