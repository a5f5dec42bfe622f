import type { Issue } from '../errors';

/** How much a var or a secret may hold, in UTF-8: what is written to files and environments is bytes. */
export const longestValueBytes = 64 * 1024;

/** What a schema cannot hold, since it counts characters. The value is not repeated: it may be a secret. */
export function valueIssues(value: string | undefined): Issue[] {
  if (value === undefined || Buffer.byteLength(value) <= longestValueBytes) return [];
  const message = `Must have at most ${longestValueBytes} bytes of UTF-8.`;
  return [{ in: 'body', field: 'value', code: 'maxLength', message, hint: 'Keep larger texts in a config file.' }];
}
