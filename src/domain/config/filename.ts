import type { Issue } from '../errors';

/** A name without folders, that leads nowhere. */
const filename = /^(\.?[^./\p{Cc}])+\.?$/u;

/** What is wrong with a filename that came with an upload; the contract checks others. */
export function filenameIssue(text: string): Issue | undefined {
  if (text.length <= 255 && filename.test(text)) return undefined;
  const message = 'The name of the uploaded file cannot be that of a config file.';
  const hint = 'Send filename, without folders, `/` and `..`.';
  return { in: 'body', field: 'filename', code: 'pattern', message, hint };
}
