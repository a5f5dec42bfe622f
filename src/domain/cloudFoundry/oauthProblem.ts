/** What goes wrong at the token service, by its word on the wire; `http/uaa/problem.ts` alone gives the statuses. */
export type OauthErrorCode =
  | 'invalid_request'
  | 'unsupported_grant_type'
  | 'invalid_client'
  | 'invalid_token'
  | 'unauthorized'
  | 'not_found';

/** A failure that a client of the token service is told of (RFC 6749, 5.2). */
export class OauthProblem extends Error {
  constructor(
    readonly code: OauthErrorCode,
    readonly description: string,
  ) {
    super(description);
    this.name = 'OauthProblem';
  }
}
