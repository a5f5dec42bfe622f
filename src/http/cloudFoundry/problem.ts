import { RefusedCredential } from '../../auth/refusal';
import { notAuthorized, V3Problem, type V3ProblemKind } from '../../domain/cloudFoundry/problem';
import { Problem } from '../../domain/errors';
import { isRetryable, problemOfDatabaseError } from '../../store/databaseErrors';
import type { ProblemAnswer } from '../problem';

interface Entry {
  status: number;
  code: number;
  title: string;
}

/** The only place that picks status, code and title for an error of /v3 (https://v3-apidocs.cloudfoundry.org, "Errors"). */
const entries: Record<V3ProblemKind | 'defect' | 'unavailable' | RefusedKind | LimitKind, Entry> = {
  invalid_auth_token: { status: 401, code: 1000, title: 'CF-InvalidAuthToken' },
  not_authenticated: { status: 401, code: 10002, title: 'CF-NotAuthenticated' },
  parse: { status: 400, code: 1001, title: 'CF-MessageParseError' },
  unknown_request: { status: 404, code: 10000, title: 'CF-NotFound' },
  defect: { status: 500, code: 10001, title: 'UnknownError' },
  not_authorized: { status: 403, code: 10003, title: 'CF-NotAuthorized' },
  query: { status: 400, code: 10005, title: 'CF-BadQueryParameter' },
  unprocessable: { status: 422, code: 10008, title: 'CF-UnprocessableEntity' },
  resource_not_found: { status: 404, code: 10010, title: 'CF-ResourceNotFound' },
  principal_limit: { status: 429, code: 10013, title: 'CF-RateLimitExceeded' },
  address_limit: { status: 429, code: 10014, title: 'CF-IPBasedRateLimitExceeded' },
  unavailable: { status: 503, code: 10015, title: 'CF-ServiceUnavailable' },
  uniqueness: { status: 422, code: 10016, title: 'CF-UniquenessError' },
  suspended: { status: 403, code: 10017, title: 'CF-OrgSuspended' },
  conflict: { status: 409, code: 10018, title: 'CF-Conflict' },
  staging_in_progress: { status: 422, code: 170017, title: 'CF-StagingInProgress' },
  label_limit: { status: 422, code: 390020, title: 'CF-LabelLimitExceeded' },
  annotation_limit: { status: 422, code: 390023, title: 'CF-AnnotationLimitExceeded' },
};
type RefusedKind = 'invalid_auth_token' | 'not_authenticated';
type LimitKind = 'principal_limit' | 'address_limit';

interface Told {
  kind: keyof typeof entries;
  detail: string;
}

/**
 * Any thrown value as an answer of /v3: exactly one entry. `known` says whether the request has a principal, since a
 * limit by principal and one by address have codes of their own.
 */
export function v3ProblemAnswer(error: unknown, known: boolean): ProblemAnswer {
  const problem = error instanceof Problem ? error : problemOfDatabaseError(error);
  const { kind, detail } = told(error, problem, known);
  const { status, code, title } = entries[kind];
  const headers: Record<string, string> = { ...problem?.headers };
  // A path has the methods that it has; others are unknown requests like any.
  delete headers.Allow;
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
  if (problem?.retryAfterSeconds !== undefined) headers['Retry-After'] = String(problem.retryAfterSeconds);
  const body = JSON.stringify({ errors: [{ code, title, detail }] });
  return { status, headers, body, defect: kind === 'defect' };
}

function told(error: unknown, problem: Problem | undefined, known: boolean): Told {
  if (error instanceof V3Problem) return { kind: error.kind, detail: error.detail };
  if (error instanceof RefusedCredential) {
    return error.reason === 'missing'
      ? { kind: 'not_authenticated', detail: 'Authentication error' }
      : { kind: 'invalid_auth_token', detail: 'Invalid Auth Token' };
  }
  // The transaction was run again and again, and each time another one had changed the same.
  if (isRetryable(error)) {
    return {
      kind: 'conflict',
      detail: 'The resource was changed by other requests at the same time; nothing was changed by this one',
    };
  }
  return problem ? ofProblem(problem, known) : { kind: 'defect', detail: 'An unknown error occurred.' };
}

/** What the edge and the database tell in the manner of /api. */
function ofProblem({ kind, message, field }: Problem, known: boolean): Told {
  switch (kind) {
    case 'conflict':
      return { kind: field === 'name' ? 'uniqueness' : 'unprocessable', detail: message };
    case 'validation':
      return { kind: 'unprocessable', detail: message };
    case 'media_type':
    case 'too_large':
      return { kind: 'parse', detail: `Request invalid due to parse error: ${message}` };
    case 'forbidden_role':
    case 'forbidden_scope':
      return notAuthorized();
    case 'not_found':
      return { kind: 'resource_not_found', detail: message };
    case 'rate_limited':
      return { kind: known ? 'principal_limit' : 'address_limit', detail: `Rate Limit Exceeded: ${message}` };
    case 'unavailable':
    case 'upstream_failed':
      return { kind: 'unavailable', detail: message };
    default:
      return { kind: 'defect', detail: 'An unknown error occurred.' };
  }
}
