import type { OperationId } from '../../../generated/operations';
import { factsOf } from '../contract';
import type { Answered } from '../portolan';

/** What an error of /v3 says: status, code, title and detail. */
export interface V3Refusal {
  status: number;
  code: number;
  title: string;
  detail: string;
}

/** Titles by code: clients compare both. */
const titles: Record<number, string> = {
  1000: 'CF-InvalidAuthToken',
  1001: 'CF-MessageParseError',
  1004: 'CF-BadRequest',
  10000: 'CF-NotFound',
  10001: 'UnknownError',
  10002: 'CF-NotAuthenticated',
  10003: 'CF-NotAuthorized',
  10005: 'CF-BadQueryParameter',
  10008: 'CF-UnprocessableEntity',
  10010: 'CF-ResourceNotFound',
  10013: 'CF-RateLimitExceeded',
  10014: 'CF-IPBasedRateLimitExceeded',
  10015: 'CF-ServiceUnavailable',
  10016: 'CF-UniquenessError',
  10017: 'CF-OrgSuspended',
  10018: 'CF-Conflict',
  170017: 'CF-StagingInProgress',
  390020: 'CF-LabelLimitExceeded',
  390023: 'CF-AnnotationLimitExceeded',
};

/** The one entry of an error body; fails when the body, or its media type, is anything else. */
export function refusalOf({ status, headers, text }: Answered): V3Refusal {
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  const body = JSON.parse(text);
  expect(body).toEqual({ errors: [{ code: expect.any(Number), title: expect.any(String), detail: expect.any(String) }] });
  const [{ code, title, detail }] = body.errors;
  expect([code, title]).toEqual([code, titles[code]]);
  expect(detail).not.toBe('');
  return { status, code, title, detail };
}

/** Status and code of an error, for tables. */
export function statusAndCode(answer: Answered): [number, number] {
  const { status, code } = refusalOf(answer);
  return [status, code];
}

const names: Record<string, string> = {
  app: 'App',
  build: 'Build',
  deployment: 'Deployment',
  droplet: 'Droplet',
  job: 'Job',
  organization: 'Organization',
  package: 'Package',
  process: 'Process',
  space: 'Space',
};

/** What a 404 of an operation says when the id in its path names nothing. */
export function notFoundTextOf(id: OperationId): string {
  const noun = Object.values(factsOf(id).nouns)[0] as string;
  return `${names[noun] ?? `No name for ${noun}`} not found`;
}
