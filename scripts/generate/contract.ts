import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The contract as data. Only the parts that the generators read are named. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  default?: unknown;
  'x-hint'?: string;
  [keyword: string]: unknown;
}
export interface Parameter {
  $ref?: string;
  name: string;
  in: 'query' | 'path' | 'header';
  description?: string;
  required?: boolean;
  schema: Schema;
  example?: unknown;
  'x-resource'?: string;
}
export interface MediaType {
  schema: Schema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
export interface Response {
  $ref?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, MediaType>;
}
export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  deprecated?: boolean;
  tags: [string];
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, Response>;
  'x-permission': { role: string; scope: string | null; anyScope?: string[]; environment: string; self?: boolean };
  'x-sortable'?: string[];
  'x-default-sort'?: string;
  'x-list-key'?: string;
  'x-rate-limit'?: string;
  'x-cache'?: string;
  'x-listener'?: string;
  'x-outside'?: boolean;
  servers?: { url: string }[];
  /** Group and verb on the command line, where those made from path and operationId would read badly. */
  'x-command'?: string;
  /** Members that a table of the command line shows. */
  'x-columns'?: string[];
  'x-reveals'?: string;
  'x-body-limit'?: string;
}
export interface Contract {
  info: { version: string };
  'x-rate-limits': Record<'principal' | 'address' | 'loginAddress' | 'loginAccount', { requests: number; seconds: number }>;
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, unknown> & { parameters?: Parameter[] }>;
  components: { schemas: Record<string, Schema>; [section: string]: Record<string, unknown> };
}
export interface PlacedOperation {
  operation: Operation;
  method: string;
  path: string;
  parameters: Parameter[];
}

export const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Reads openapi.yaml of the given folder. */
export function readContract(folder: string): Contract {
  return parse(readFileSync(`${folder}/openapi.yaml`, 'utf8')) as Contract;
}

/** Follows `$ref`s inside the document until something is there. */
export function resolve<T extends object>(contract: Contract, value: T): T {
  let present: unknown = value;
  while (present && typeof present === 'object' && '$ref' in present) {
    const pointer = String((present as { $ref: string }).$ref);
    present = pointer
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], contract);
    if (present === undefined) throw new Error(`openapi.yaml: ${pointer} points at nothing`);
  }
  return present as T;
}

/** Every operation with its path's and its own parameters resolved, in document order. */
export function operationsOf(contract: Contract): PlacedOperation[] {
  const placed: PlacedOperation[] = [];
  for (const [path, item] of Object.entries(contract.paths)) {
    for (const method of methods) {
      const operation = item[method] as Operation | undefined;
      if (!operation) continue;
      const written = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((p) => resolve(contract, p));
      const parameters = [...written, ...keysInQuery(contract, operation)];
      placed.push({ operation, method, path, parameters });
    }
  }
  return placed;
}

interface SecurityScheme {
  type: string;
  in?: string;
  name?: string;
}

/** Credentials that are sent in the query: for the request they are parameters like others. */
function keysInQuery(contract: Contract, { security = [] }: Operation): Parameter[] {
  const schemes = contract.components.securitySchemes as Record<string, SecurityScheme> | undefined;
  return security
    .flatMap((one) => Object.keys(one))
    .map((name) => schemes?.[name])
    .flatMap((scheme) =>
      scheme?.type === 'apiKey' && scheme.in === 'query'
        ? [{ name: scheme.name ?? '', in: 'query', schema: { type: 'string' } }]
        : [],
    );
}

/** The schema of a request's body, and whether it is sent as a form, or as one of several parts. */
export function sentBody({ requestBody }: Operation): { schema: Schema; form: boolean; multipart: boolean } | undefined {
  const content = requestBody?.content ?? {};
  const { 'application/json': json, 'application/x-www-form-urlencoded': form, 'multipart/form-data': parts } = content;
  const media = json ?? form ?? parts;
  return media && { schema: media.schema, form: media === form, multipart: media === parts };
}

/** The members of a multipart body that are files. */
export const fileMembers = ({ properties = {} }: Schema): string[] =>
  Object.keys(properties).filter((name) => properties[name]?.contentMediaType !== undefined);

/** The name of the component that a schema refers to, if it is a plain reference. */
export function componentName(schema: Schema | undefined): string | undefined {
  return schema?.$ref?.split('/').pop();
}
