import type { clientCalls } from '../../generated/clientCalls';
import type { components, operations, paths } from '../../generated/contract';
import type { RetryOptions } from './retries';

/** Every operation of the contract by its operationId. */
export type OperationId = keyof operations & keyof typeof clientCalls;

/** Schemas of the contract by their names: `Schemas['Registry']`. */
export type Schemas = components['schemas'];

/** How one call is made, beside what the contract says of it. */
export interface CallOptions {
  /** Ends the call, its retries and its pauses. */
  signal?: AbortSignal | undefined;
  /** Instead of those of the client; `false` tries once. */
  retries?: RetryOptions | false | undefined;
  /** How long one try may take, its answer included. For an event stream: until it begins. */
  timeoutMs?: number | undefined;
}

type Parameters<Operation> = Operation extends { parameters: infer Given } ? Omit<Given, 'cookie'> : unknown;

type RequiredKeys<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T];

/** JSON and forms are objects; a part of a multipart body may be a Blob or a File, and the whole a FormData. */
type SentContent<Content> = Content extends { 'multipart/form-data': infer Parts }
  ? FormData | { [Name in keyof Parts]: Parts[Name] | Blob }
  : Content[keyof Content];

type Body<Operation> = Operation extends { requestBody: { content: infer Content } }
  ? { body: SentContent<Content> }
  : Operation extends { requestBody?: infer Sent }
    ? [Sent] extends [undefined]
      ? { body?: never }
      : NonNullable<Sent> extends { content: infer Content }
        ? { body?: SentContent<Content> }
        : { body?: never }
    : { body?: never };

type ReadContent<Content> = 'application/json' extends keyof Content
  ? Content['application/json']
  : keyof Content extends 'text/event-stream'
    ? ReadableStream<Uint8Array>
    : [Extract<keyof Content, `image/${string}` | '*/*'>] extends [never]
      ? string
      : Blob;

type ReadAnswer<Answer> = Answer extends { content: infer Content } ? ReadContent<Content> : undefined;

type SuccessStatus = 200 | 201 | 202 | 204;

type DataOfOperation<Operation> = Operation extends { responses: infer Answers }
  ? ReadAnswer<Answers[Extract<keyof Answers, SuccessStatus>]>
  : never;

/** What an operation takes: parameters by where they go, its body, and how it is called. */
export type InputOf<Id extends OperationId> = Parameters<operations[Id]> & Body<operations[Id]> & CallOptions;

/** What an operation answers when it succeeds. */
export type DataOf<Id extends OperationId> = DataOfOperation<operations[Id]>;

/** The argument may be left out where nothing in it is required. */
type Optional<Input> = RequiredKeys<Input> extends never ? [input?: Input] : [input: Input];

/** Data, and the answer that it came with: its status, and headers such as `ETag`. */
export interface WithResponse<Data> {
  data: Data;
  response: Response;
}

/** The promise of an answer's data. */
export interface Answer<Data> extends Promise<Data> {
  /** The same call's data with its status and headers. */
  withResponse(): Promise<WithResponse<Data>>;
}

type Table = typeof clientCalls;

/** A function for each operation. It is mapped over the table, whose comments editors show. */
export type Calls = {
  readonly [Id in keyof Table]: (...input: Optional<InputOf<Id>>) => Answer<DataOf<Id>>;
};

type CallFactsOf<Id extends OperationId> = Table[Id];

/** Operations that answer in pages. */
export type ListId = {
  [Id in OperationId]: CallFactsOf<Id> extends { list: string } ? Id : never;
}[OperationId];

type MemberOf<Page, Facts> = Facts extends { list: infer Name extends keyof Page } ? Page[Name] : never;

/** An object of a list. */
export type ItemOf<Id extends ListId> = MemberOf<DataOf<Id>, CallFactsOf<Id>> extends readonly (infer Item)[] ? Item : never;

/** The objects of a list to its end; pages are read as they are needed. */
export interface Listing<Item, Page> extends AsyncIterable<Item> {
  /** Page by page, as they are answered. */
  pages(): AsyncIterable<Page>;
  toArray(): Promise<Item[]>;
}

/** A function for each operation that answers in pages. */
export type Lists = {
  readonly [Id in keyof Pick<Table, ListId>]: (...input: Optional<InputOf<Id>>) => Listing<ItemOf<Id>, DataOf<Id>>;
};

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

/** Paths of the contract that have the method. */
export type PathsWith<M extends Method> = {
  [Path in keyof paths]: paths[Path] extends { [Name in M]: object } ? Path : never;
}[keyof paths];

type OperationAt<Path extends keyof paths, M extends Method> = paths[Path][M];

type PathInput<Operation> = (RequiredKeys<Parameters<Operation>> extends never
  ? { params?: Parameters<Operation> }
  : { params: Parameters<Operation> }) &
  Body<Operation> &
  CallOptions;

/** Calls any path of the contract that has the method; throws a PortolanError when it does not succeed. */
export type PathCall<M extends Method> = <Path extends PathsWith<M>>(
  path: Path,
  ...input: Optional<PathInput<OperationAt<Path, M>>>
) => Promise<WithResponse<DataOfOperation<OperationAt<Path, M>>>>;
