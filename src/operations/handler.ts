import type { operations as Contract } from '../../generated/contract';
import type { OperationId, operations } from '../../generated/operations';
import type { Principal } from '../domain/access/principal';
import type { PageRequest } from '../domain/lists/cursor';
import type { EnvironmentDefaults } from '../domain/settings/environmentSettings';
import type { SystemSettings } from '../domain/settings/systemSettings';
import type { UploadedFile } from '../domain/uploads/uploadedFile';
import type { RegistryClient } from '../integrations/oci/client';
import type { WalkOptions, WalkOutcome } from '../jobs/images/walkImage';
import type { AuditEntry } from '../store/audit';
import type { Db, Tx } from '../store/database';
import type { EventFeed } from '../store/eventFeed';
import type { LiveSettings } from '../store/liveSettings';
import type { Keyring } from '../store/sealing';
import type { LiveLists } from './registries/liveLists';

type Parameters<Id extends OperationId, Place extends string> = Contract[Id] extends { parameters: infer P }
  ? Place extends keyof P
    ? NonNullable<P[Place]>
    : Record<never, never>
  : Record<never, never>;

export type PathOf<Id extends OperationId> = Parameters<Id, 'path'>;
export type QueryOf<Id extends OperationId> = Parameters<Id, 'query'>;
export type BodyOf<Id extends OperationId> = Contract[Id] extends { requestBody?: { content: infer Content } }
  ? Content extends { 'multipart/form-data': infer Form }
    ? Omit<Form, 'file'> & { file: UploadedFile }
    : Content[keyof Content]
  : undefined;

type JsonOf<R> = R extends { content: { 'application/json': infer B } } ? B : undefined;
type Responses<Id extends OperationId> = Contract[Id]['responses'];
/** The body of the success answer, as the contract has it. */
export type AnswerOf<Id extends OperationId> = {
  [S in keyof Responses<Id>]: S extends 200 | 201 | 202 | 204 ? JsonOf<Responses<Id>[S]> : never;
}[keyof Responses<Id>];

/** The client's end of an answer that goes on. */
export interface StreamSink {
  /** false: too much waits for it already. Nothing more should be written before `drained`. */
  write(text: string): boolean;
  /** Resolves when it has read what waits, or is gone: one that takes too long is cut off. */
  drained(): Promise<void>;
  /** Nothing more comes; the client may come again. */
  end(): void;
}

/** An answer that goes on, once its head is written. */
export interface Stream {
  /** Its reader may from now on do what this principal may. */
  admit(principal: Principal): void;
  /** Writes something that means nothing. */
  beat(): void;
  /** It is over; nothing is written any more. */
  close(): void;
}

/** What a handler gives back; `http/respond.ts` makes status, headers and body of it. */
export interface Answer<Body> {
  /** Members of the body. With `single`, that member alone makes the state part of the ETag; null stands for all of them. */
  readonly body?: Body;
  readonly single?: { readonly member: string | null; readonly version: number };
  readonly location?: string;
  readonly status?: number;
  readonly raw?: { readonly contentType: string; readonly content: string | Buffer; readonly etag?: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a body: what is sent as it comes, for as long as the credential stands. */
  readonly stream?: { readonly contentType: string; start(sink: StreamSink): Stream };
}

/** 200, or the operation's own status, with a body that is no single resource. */
export const json = <Body>(body: Body): Answer<Body> => ({ body });

/** One resource in its envelope, with an ETag. `extras` are members beside the resource. */
export const single = <Name extends string, View, Extras extends object = Record<never, never>>(
  member: Name,
  view: View,
  version: number,
  extras?: Extras,
): Answer<{ [K in Name]: View } & Extras> => ({
  body: { [member]: view, ...extras } as { [K in Name]: View } & Extras,
  single: { member, version },
});

/** As `single`, for a resource whose members are those of the body. */
export const whole = <View extends object>(view: View, version: number): Answer<View> => ({
  body: view,
  single: { member: null, version },
});

/** As `single`, for a new resource: 201 and `Location`. */
export const created = <Name extends string, View, Extras extends object = Record<never, never>>(
  location: string,
  member: Name,
  view: View,
  version: number,
  extras?: Extras,
): Answer<{ [K in Name]: View } & Extras> => ({ ...single(member, view, version, extras), location });

/** 204. */
export const noContent = (): Answer<undefined> => ({});

/** Text or bytes of another media type. */
export const raw = (
  contentType: string,
  content: string | Buffer,
  more: { etag?: string; status?: number; headers?: Record<string, string> } = {},
): Answer<never> => ({
  raw: { contentType, content, ...(more.etag === undefined ? {} : { etag: more.etag }) },
  ...(more.status === undefined ? {} : { status: more.status }),
  ...(more.headers === undefined ? {} : { headers: more.headers }),
});

/** The request as a handler sees it: checked when the handler asks, so that an unknown id (404) goes before a bad body (400). */
export interface OperationRequest<Id extends OperationId> {
  readonly path: PathOf<Id>;
  /** The body, checked against the contract; throws 400 or 422 with every problem of body and query. */
  body(): BodyOf<Id>;
  /** The query, checked, with defaults filled in; throws 400. */
  query(): QueryOf<Id>;
  /**
   * What a list asks for, checked. When the query is bad, `parentFirst` runs before it is refused: it throws the 404 of
   * an unknown parent.
   */
  page(parentFirst?: () => Promise<unknown>): Promise<{ query: QueryOf<Id>; page: PageRequest }>;
  /** Refuses bad input (400, 422), then an If-Match that names another version (412). */
  precondition(version: number, view: () => unknown): void;
  header(name: string): string | undefined;
}

interface CommonContext {
  readonly keyring: Keyring;
  /** The log of events. */
  readonly events: EventFeed;
  readonly requestId: string;
  readonly clientAddress: string;
  now(): Date;
  /** Where clients reach this service, without a slash at the end. */
  publicUrl(): string;
  /** The settings of the installation as they are now; kept in memory, so asking costs nothing. */
  settings(): SystemSettings;
  /** Where they come from. */
  readonly liveSettings: LiveSettings;
  /** What settings of an environment are that nobody sets; goes to `settingsOf`. */
  readonly environmentDefaults: EnvironmentDefaults;
  /** What the installation is called, as the one organization under /v3. */
  readonly organizationName: string;
}
export interface ReadContext extends CommonContext {
  readonly principal: Principal;
  readonly db: Db;
}
/** Reads that show a secret (`x-reveals` in the contract). What refuses one with 403 is put on record by the edge. */
export interface RevealContext extends ReadContext {
  /** Writes the audit row, and commits it: nothing is shown before it is on record. */
  audit(entry: AuditEntry): Promise<void>;
}
/** One transaction, and what belongs to it. */
export interface TransactionContext {
  readonly tx: Tx;
  /** Writes the audit row of this change, in the same transaction. */
  audit(entry: AuditEntry): Promise<void>;
  /** Runs after the commit and before the answer. */
  onCommit(effect: () => void): void;
  /** A credential, its owner or its limits change: no remembered verdict outlives the commit. */
  credentialsChanged(): void;
}

export interface WriteContext extends CommonContext, TransactionContext {
  readonly principal: Principal;
}

/** What operations get that talk to other systems. */
export interface OutsideNeeds {
  readonly registryClient: RegistryClient;
  /** Walks an image and stores what it finds, or joins the walk that is under way. */
  walkImage(imageId: string, options: WalkOptions): Promise<WalkOutcome>;
  readonly liveLists: LiveLists;
}
export interface OutsideReadContext extends ReadContext, OutsideNeeds {
  /** Ends when the client is gone or the time is over. */
  readonly signal: AbortSignal;
}
/** Writes that talk to other systems open their transactions themselves, before and behind the talk. */
export interface OutsideContext extends OutsideReadContext {
  transact<T>(work: (context: TransactionContext) => Promise<T>): Promise<T>;
}

export type ContextOf<Facts> = Facts extends { outside: true; method: 'get' }
  ? OutsideReadContext
  : Facts extends { outside: true }
    ? OutsideContext
    : Facts extends { reveals: string }
      ? RevealContext
      : Facts extends { method: 'get' }
        ? ReadContext
        : WriteContext;

/**
 * GET reads; whatever else needs a credential writes, in one transaction that the edge opens and commits - unless it
 * talks to other systems (`x-outside` in the contract).
 */
export type Handler<Id extends OperationId> = (
  request: OperationRequest<Id>,
  context: ContextOf<(typeof operations)[Id]>,
) => Promise<Answer<AnswerOf<Id>>>;

/** Operations that need no credential have no principal; they open a transaction themselves if they write. */
export type PublicHandler<Id extends OperationId, Needs> = (
  request: OperationRequest<Id>,
  context: CommonContext & Needs,
) => Promise<Answer<AnswerOf<Id>>>;
