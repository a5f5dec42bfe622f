import { type OperationId, operations } from '../../../generated/operations';
import type { OperationFacts } from '../operationFacts';
import { responsesOf } from './contractExamples';

/**
 * The path of what an example shows, as the `Location` of an answer to a request for `path`: below that path, else where
 * an object of the same schema is read. undefined where there is none.
 */
export function placeOf(id: OperationId, status: string, example: unknown, path: string): string | undefined {
  if (status === '202') {
    const operation = idOf((example as { operation?: unknown } | undefined)?.operation);
    return operation === undefined ? undefined : `/api/operations/${operation}`;
  }
  const own =
    idOf(example) ??
    Object.values((example ?? {}) as object)
      .map(idOf)
      .find(Boolean);
  if (own === undefined) return undefined;
  const below = plain(`${operations[id].path}/{}`);
  if (reads.some((facts) => plain(facts.path) === below)) return `${path.replace(/\/+$/, '')}/${own}`;
  const schema = schemaOf(id, status);
  const reader = reads.find((facts) => /^[^{]*\{\w+\}$/.test(facts.path) && schemaOf(facts.id, '200') === schema);
  return reader?.path.replace(/\{\w+\}/, own);
}

const reads = (Object.entries(operations) as [OperationId, OperationFacts][]).flatMap(([id, { method, path }]) =>
  method === 'get' ? [{ id, path }] : [],
);

/** A path whose parameters have no names. */
const plain = (path: string): string => path.replace(/\{\w*\}/g, '{}');

function idOf(value: unknown): string | undefined {
  const { id, guid } = (value ?? {}) as { id?: unknown; guid?: unknown };
  const found = id ?? guid;
  return typeof found === 'string' ? found : undefined;
}

const schemaOf = (id: OperationId, status: string): string | undefined =>
  responsesOf(id)[status]?.content?.['application/json']?.schema?.$ref;
