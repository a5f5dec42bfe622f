/**
 * What goes wrong under /v3, by what it means; `http/cloudFoundry/problem.ts` alone gives codes, titles and statuses.
 * Texts of 404s are compared by clients.
 */
export type V3ProblemKind =
  | 'parse'
  | 'query'
  | 'unprocessable'
  | 'uniqueness'
  | 'staging_in_progress'
  | 'label_limit'
  | 'annotation_limit'
  | 'resource_not_found'
  | 'unknown_request'
  | 'not_authorized'
  | 'suspended'
  | 'conflict';

/** A failure that a client of /v3 is told of. */
export class V3Problem extends Error {
  constructor(
    readonly kind: V3ProblemKind,
    /** What is told; several messages are joined. */
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'V3Problem';
  }
}

/** The nouns of /v3, as their 404s name them. */
export type V3Noun = 'App' | 'Build' | 'Deployment' | 'Droplet' | 'Job' | 'Organization' | 'Package' | 'Process' | 'Space';

/** 404 for what is missing or cannot be seen. */
export const resourceNotFound = (noun: V3Noun): V3Problem => new V3Problem('resource_not_found', `${noun} not found`);

/** 422 for what a body says, or a state forbids; every problem in one detail. */
export const unprocessable = (...problems: readonly string[]): V3Problem => new V3Problem('unprocessable', problems.join(', '));

/** 400 for what a query says; every problem in one detail. */
export const badQuery = (...problems: readonly string[]): V3Problem => new V3Problem('query', problems.join(', '));

/** 403 for a role or scope that does not suffice. */
export const notAuthorized = (): V3Problem =>
  new V3Problem('not_authorized', 'You are not authorized to perform the requested action');

/** 403 for a write while the installation is suspended. */
export const suspended = (): V3Problem =>
  new V3Problem('suspended', 'The organization is suspended; only an administrator changes anything until it is resumed.');
