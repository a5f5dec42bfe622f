import { Problem, type ProblemKind } from '../domain/errors';
import { problemOfDatabaseError } from '../store/databaseErrors';

/** The only place that picks a status for an error. */
const answers: Record<ProblemKind, { status: number; code: string }> = {
  validation: { status: 400, code: 'VALIDATION_ERROR' },
  media_type: { status: 415, code: 'VALIDATION_ERROR' },
  too_large: { status: 413, code: 'VALIDATION_ERROR' },
  read_only: { status: 422, code: 'READONLY_FIELD' },
  unauthorized: { status: 401, code: 'UNAUTHORIZED' },
  forbidden_role: { status: 403, code: 'FORBIDDEN_ROLE' },
  forbidden_scope: { status: 403, code: 'FORBIDDEN_SCOPE' },
  not_found: { status: 404, code: 'NOT_FOUND' },
  conflict: { status: 409, code: 'CONFLICT' },
  precondition_failed: { status: 412, code: 'CONFLICT' },
  idempotency_key_reused: { status: 409, code: 'IDEMPOTENCY_KEY_REUSED' },
  rate_limited: { status: 429, code: 'RATE_LIMITED' },
  unavailable: { status: 503, code: 'SERVICE_UNAVAILABLE' },
  upstream_failed: { status: 502, code: 'SERVICE_UNAVAILABLE' },
};

export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** A defect of Portolan: the log tells its cause. */
  defect: boolean;
}

/** Any thrown value as an answer. Whatever is no Problem is a defect: its text stays inside. */
export function problemAnswer(error: unknown, requestId: string): ProblemAnswer {
  const problem = error instanceof Problem ? error : problemOfDatabaseError(error);
  if (!problem) {
    const body = {
      code: 'INTERNAL',
      message: 'Portolan failed to answer this request.',
      hint: 'The cause is in the log under this requestId.',
      requestId,
    };
    return { status: 500, headers: {}, body: JSON.stringify(body), defect: true };
  }
  const { status, code } = answers[problem.kind];
  const headers: Record<string, string> = { ...problem.headers };
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
  if (problem.retryAfterSeconds !== undefined) headers['Retry-After'] = String(problem.retryAfterSeconds);
  const { message, field, hint, details } = problem;
  return { status, headers, body: JSON.stringify({ code, message, field, hint, requestId, details }), defect: false };
}
