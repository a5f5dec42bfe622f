import { OpenAPIBackend } from 'openapi-backend';
import type { Operation as RoutedOperation } from 'openapi-backend/router';
import document from '../../../generated/openapi.json';
import { type OperationId, operations } from '../../../generated/operations';

/** The examples of the contract, picked by openapi-backend's mock. */

export interface Media {
  schema?: { $ref?: string };
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
export interface Response {
  headers?: Record<string, { example?: unknown }>;
  content?: Record<string, Media>;
}

/** Follows `$ref`s inside the document. */
function resolve<T>(value: T): T {
  let at: unknown = value;
  while (at && typeof at === 'object' && '$ref' in at) {
    at = String(at.$ref)
      .slice(2)
      .split('/')
      .reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], document);
  }
  return at as T;
}

type Responses = Record<string, Response>;
const resolved = new Map<string, Responses>();

/** The answers of an operation by status, with their references followed as far as examples need it. */
export function responsesOf(id: OperationId): Responses {
  const known = resolved.get(id);
  if (known) return known;
  const { path, method } = operations[id];
  const item = (document.paths as unknown as Record<string, Record<string, { responses: Responses }>>)[path];
  const declared = Object.entries(item?.[method]?.responses ?? {});
  const made = Object.fromEntries(declared.map(([status, response]) => [status, withHeaders(resolve(response))]));
  resolved.set(id, made);
  return made;
}

function withHeaders(response: Response): Response {
  const headers = Object.entries(response.headers ?? {}).map(([name, header]) => [name, resolve(header)] as const);
  const content = Object.entries(response.content ?? {}).map(([type, media]) => [type, withExamples(media)] as const);
  return {
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}),
    ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}),
  };
}

function withExamples(media: Media): Media {
  if (!media.examples) return media;
  const examples = Object.entries(media.examples).map(([name, example]) => [name, resolve(example)] as const);
  return { ...media, examples: Object.fromEntries(examples) };
}

/** The names of the examples of an answer. */
export const exampleNames = (response: Response): string[] =>
  Object.values(response.content ?? {}).flatMap((media) => Object.keys(media.examples ?? {}));

/**
 * openapi-backend's mock asks nothing of the document but its operations, so it is not given the document: making its
 * own router and following every reference of it takes seconds.
 */
const backend = new OpenAPIBackend({
  definition: { openapi: '3.1.0', info: { title: document.info.title, version: document.info.version }, paths: {} } as never,
  quick: true,
});
backend.router = {
  getOperation: (id: OperationId) => ({ operationId: id, responses: responsesOf(id) }) as unknown as RoutedOperation,
} as never;

/** The example of an answer; undefined where it has no body, or one of bytes. */
export function exampleOf(id: OperationId, code: string, example: string | undefined): unknown {
  const [media] = Object.values(responsesOf(id)[code]?.content ?? {});
  if (!media || (media.example === undefined && media.examples === undefined)) return undefined;
  return backend.mockResponseForOperation(id, { code: Number(code), ...(example === undefined ? {} : { example }) }).mock;
}
