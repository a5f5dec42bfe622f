/** Exit codes that scripts can branch on; docs/cli.md and --help list them. */
export const exitCodes = {
  ok: 0,
  other: 1,
  usage: 2,
  notSignedIn: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  invalid: 7,
  rateLimited: 8,
  unavailable: 9,
} as const;

const meanings: Record<keyof typeof exitCodes, string> = {
  ok: 'done',
  other: 'anything else; with --wait: what was begun failed or was cancelled',
  usage: 'the command line is wrong; nothing was sent',
  notSignedIn: 'not signed in, or the credential is refused (401)',
  forbidden: 'role, scope or environment do not allow it (403)',
  notFound: 'not found (404)',
  conflict: 'conflict, or --if-match does not match (409, 412)',
  invalid: 'the service refuses what was sent (400, 413, 415, 422)',
  rateLimited: 'too many requests, also after waiting (429)',
  unavailable: 'the service or what it needs is away (5xx, no connection, no answer in time)',
};

/** Code and meaning, in order. */
export const exitCodeTable: [number, string][] = Object.entries(meanings).map(([name, meaning]) => [
  exitCodes[name as keyof typeof exitCodes],
  meaning,
]);

const byStatus: Record<number, number> = {
  400: exitCodes.invalid,
  401: exitCodes.notSignedIn,
  403: exitCodes.forbidden,
  404: exitCodes.notFound,
  409: exitCodes.conflict,
  412: exitCodes.conflict,
  413: exitCodes.invalid,
  415: exitCodes.invalid,
  422: exitCodes.invalid,
  429: exitCodes.rateLimited,
};

/** What a status that is no success ends the command with. */
export const exitCodeOf = (status: number): number =>
  byStatus[status] ?? (status >= 500 ? exitCodes.unavailable : exitCodes.other);
