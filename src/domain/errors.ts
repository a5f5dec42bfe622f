/**
 * The few kinds of failure that Portolan tells its clients about. Everything inside throws a Problem; `http/problem.ts`
 * alone turns one into a status and a body. Whatever else is thrown is a defect and answers an opaque 500.
 */

/** Where a value stood in the request. */
export type IssueLocation = 'body' | 'query' | 'header';

/** What is wrong with one value; the closed list of `details[].code`. */
export type IssueCode =
  | 'required'
  | 'type'
  | 'enum'
  | 'pattern'
  | 'format'
  | 'minimum'
  | 'maximum'
  | 'minLength'
  | 'maxLength'
  | 'minItems'
  | 'maxItems'
  | 'unique'
  | 'unknown_member'
  | 'unknown_parameter'
  | 'read_only'
  | 'unknown_reference'
  | 'wrong_environment'
  | 'inconsistent'
  | 'unparsable';

/** One thing wrong with a request. `field` is a path such as `connectionFields[0].type`; empty for the body itself. */
export interface Issue {
  in: IssueLocation;
  field: string;
  code: IssueCode;
  message: string;
  hint?: string;
}

/** An object that is named in the details of a conflict. */
export interface ObjectReference {
  type: string;
  id: string;
  name: string;
}

/** Why something outside did not answer as it should; the shape of `details.upstream`. */
export interface UpstreamFailure {
  kind: 'registry' | 'host' | 'database' | 'object_store';
  name: string;
  host: string;
  status?: number;
  reason:
    | 'unauthorized'
    | 'forbidden'
    | 'not_found'
    | 'rate_limited'
    | 'timeout'
    | 'connection_refused'
    | 'dns'
    | 'tls'
    | 'bad_response';
  message: string;
  retryAt?: string;
}

export type ProblemKind =
  | 'validation'
  | 'media_type'
  | 'too_large'
  | 'read_only'
  | 'unauthorized'
  | 'forbidden_role'
  | 'forbidden_scope'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'unavailable'
  | 'upstream_failed';

interface ProblemParts {
  message: string;
  field?: string;
  hint?: string;
  details?: unknown;
  /** Seconds after which the client may try again; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** Answer headers that belong to this problem, such as `Allow`. */
  headers?: Record<string, string>;
  /** For the log only; never leaves the process. */
  cause?: unknown;
}

/** A failure with a public face: kind, message, and the way out. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Record<string, string> | undefined;

  constructor(kind: ProblemKind, parts: ProblemParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'Problem';
    this.kind = kind;
    this.field = parts.field;
    this.hint = parts.hint;
    this.details = parts.details;
    this.retryAfterSeconds = parts.retryAfterSeconds;
    this.headers = parts.headers;
  }
}

/**
 * All problems of a request at once. READONLY_FIELD (422) when any of them is a read-only member, else
 * VALIDATION_ERROR (400); `field`, `message` and `hint` are those of the first issue that has the answer's code.
 * @param issues at least one, in document order
 */
export function invalid(issues: readonly Issue[]): Problem {
  const readOnly = issues.find((issue) => issue.code === 'read_only');
  const first = readOnly ?? issues[0];
  if (!first) throw new Error('invalid() needs at least one issue');
  const message =
    issues.length === 1 || readOnly ? alone(first) : `${issues.length} problems in the ${placeOf(issues)}. ${alone(first)}`;
  return new Problem(readOnly ? 'read_only' : 'validation', {
    message,
    field: first.field,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    details: issues,
  });
}

/** A problem in words that say where it is: some clients show the message of an error and nothing else. */
const alone = ({ field, message }: Issue): string => (field === '' || message.includes(field) ? message : `${field}: ${message}`);

function placeOf(issues: readonly Issue[]): string {
  if (issues.every((issue) => issue.in === 'body')) return 'request body';
  return issues.every((issue) => issue.in === 'query') ? 'query' : 'request';
}

/** Issues of a body in the order in which it names their members; those of one member stay as they are. */
export function inDocumentOrder(issues: readonly Issue[], body: object): Issue[] {
  const members = Object.keys(body);
  const place = ({ field }: Issue) => members.indexOf(/^[^.[]*/.exec(field)?.[0] ?? '');
  return [...issues].sort((a, b) => place(a) - place(b));
}

/** 404. `noun` is the product word ("registry"), `id` the path id as the client sent it. */
export function notFound(noun: string, id: string): Problem {
  return new Problem('not_found', {
    message: `There is no ${noun} "${id.slice(0, 100)}".`,
    hint: `List the ${noun} objects that this credential may see, and use one of their ids.`,
  });
}

/** 409 for a value that must be unique. `field` is the colliding member; the other object only if the caller may read it. */
export function alreadyTaken(field: string, message: string, conflictsWith?: { type: string; id: string }): Problem {
  return new Problem('conflict', {
    message,
    field,
    hint: `Choose another ${field}, or change the object that has it.`,
    ...(conflictsWith ? { details: { conflictsWith } } : {}),
  });
}

/** 409 because other objects need this one. At most 50 of them are listed; `total` counts all. */
export function inUse(message: string, users: readonly ObjectReference[], total: number, hint?: string): Problem {
  return new Problem('conflict', {
    message,
    hint: hint ?? 'Remove or change these objects first.',
    details: { inUseBy: users.slice(0, 50), inUseByTotal: total },
  });
}

/** 409 because the object's state forbids the operation. */
export function stateForbids(message: string, details: Record<string, unknown>, hint?: string): Problem {
  return new Problem('conflict', { message, details, ...(hint === undefined ? {} : { hint }) });
}
