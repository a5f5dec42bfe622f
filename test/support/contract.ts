import document from '../../generated/openapi.json';
import { type OperationId, operations } from '../../generated/operations';
import type { OperationFacts, Surface } from '../../src/http/operationFacts';

/** The contract as tests read it: the served document, with its references followed. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  [keyword: string]: unknown;
}
interface Response {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: Schema; example?: unknown }>;
}
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema; example?: unknown }> };
  responses: Record<string, Response>;
}

/** Every operation of the contract, in document order. */
export const operationIds = Object.keys(operations) as OperationId[];

/** What the edge knows of an operation. */
export const factsOf = (id: OperationId): OperationFacts => operations[id];

const operationsOf = (surface: Surface): OperationId[] => operationIds.filter((id) => (factsOf(id).surface ?? 'api') === surface);
/** The operations of Portolan's own manner; `/` is one of them. */
export const apiIds = operationsOf('api');
/** Those of `/v3`. */
export const v3Ids = operationsOf('v3');
/** Those of the token service of `/v3`. */
export const uaaIds = operationsOf('uaa');

/** Follows `$ref`s inside the document. */
export function resolve<T>(value: T): T {
  let at: unknown = value;
  while (at && typeof at === 'object' && '$ref' in at) {
    const parts = String(at.$ref).slice(2).split('/');
    at = parts.reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], document);
  }
  return at as T;
}

type PathItem = Record<string, Operation> & { parameters?: Parameter[] };
const pathItem = (id: OperationId) => (document.paths as unknown as Record<string, PathItem>)[factsOf(id).path] as PathItem;

export function operationOf(id: OperationId): Operation {
  return pathItem(id)[factsOf(id).method] as Operation;
}

export function parametersOf(id: OperationId, place: Parameter['in']): Parameter[] {
  return [...(pathItem(id).parameters ?? []), ...(operationOf(id).parameters ?? [])]
    .map(resolve)
    .filter((one) => one.in === place);
}

export const takesHeader = (id: OperationId, name: string): boolean =>
  parametersOf(id, 'header').some((one) => one.name === name);

/** The statuses that the contract names for an operation. */
export const declaredStatuses = (id: OperationId): string[] => Object.keys(operationOf(id).responses);

/** An answer of an operation, as declared; undefined when the status is not. */
export function responseOf(id: OperationId, status: number): Response | undefined {
  return resolve(operationOf(id).responses[String(status)]);
}

/** The schema of a body, JSON or of several parts; undefined for an operation without one. */
export const bodySchemaOf = (id: OperationId): Schema | undefined => bodyOf(id)?.schema;

function bodyOf(id: OperationId) {
  const content = operationOf(id).requestBody?.content;
  return content?.['application/json'] ?? content?.['multipart/form-data'];
}

/** The body of the contract's own example; undefined for an operation without one. */
export function exampleBodyOf(id: OperationId): unknown {
  const media = bodyOf(id);
  return media?.example ?? (media && resolve(media.schema).example);
}
