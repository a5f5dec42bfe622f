import { RefusedCredential } from '../../auth/refusal';
import { type OauthErrorCode, OauthProblem } from '../../domain/cloudFoundry/oauthProblem';
import { Problem, type ProblemKind } from '../../domain/errors';
import { problemOfDatabaseError } from '../../store/databaseErrors';
import type { ProblemAnswer } from '../problem';

/** The only place that picks a status for an error of the token service. */
const statuses: Record<OauthErrorCode, number> = {
  invalid_request: 400,
  unsupported_grant_type: 400,
  invalid_client: 401,
  invalid_token: 401,
  unauthorized: 401,
  not_found: 404,
};

/** What the edge refuses before, or around, a handler. */
const ofEdge: Record<ProblemKind, [status: number, error: string]> = {
  validation: [400, 'invalid_request'],
  media_type: [400, 'invalid_request'],
  read_only: [400, 'invalid_request'],
  too_large: [413, 'invalid_request'],
  unauthorized: [401, 'unauthorized'],
  forbidden_role: [403, 'access_denied'],
  forbidden_scope: [403, 'access_denied'],
  not_found: [404, 'not_found'],
  conflict: [400, 'invalid_request'],
  precondition_failed: [400, 'invalid_request'],
  idempotency_key_reused: [400, 'invalid_request'],
  rate_limited: [429, 'too_many_requests'],
  unavailable: [503, 'temporarily_unavailable'],
  upstream_failed: [503, 'temporarily_unavailable'],
};

/** As `problemAnswer`, with the body that clients of the token service read (RFC 6749, 5.2). */
export function oauthProblemAnswer(error: unknown): ProblemAnswer {
  if (error instanceof OauthProblem) return answer(statuses[error.code], error.code, error.description);
  if (error instanceof RefusedCredential) {
    return answer(401, error.reason === 'missing' ? 'unauthorized' : 'invalid_token', error.message);
  }
  const problem = error instanceof Problem ? error : problemOfDatabaseError(error);
  if (!problem) return { ...answer(500, 'server_error', 'Portolan failed to answer this request.'), defect: true };
  const [status, word] = ofEdge[problem.kind];
  const retryAfter = problem.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(problem.retryAfterSeconds) };
  return answer(status, word, problem.message, { ...problem.headers, ...retryAfter });
}

function answer(status: number, error: string, description: string, headers: Record<string, string> = {}): ProblemAnswer {
  const challenge = error === 'invalid_client' ? 'Basic realm="portolan"' : 'Bearer';
  return {
    status,
    headers: status === 401 ? { ...headers, 'WWW-Authenticate': challenge } : headers,
    body: JSON.stringify({ error, error_description: description }),
    defect: false,
  };
}
