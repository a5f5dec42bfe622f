import { withoutPlaceholders } from './placeholders';

/** A fragment as a part of a file. */
export interface Part {
  name: string;
  content: string;
}

/** Languages in which a line that begins with `#` is no comment. */
const withoutComments: readonly string[] = ['json', 'xml', 'html', 'binary'];

/**
 * Fragments in order, then the file's own content, with an empty line between them and a comment line that names each.
 * A file without fragments is its own content, unchanged.
 */
export const compose = (...file: Parameters<typeof composedParts>): string => composedParts(...file).join('');

/**
 * The same in pieces, one for each part: what is written in one part means nothing together with what stands in the next. Each
 * was judged alone when it was saved.
 */
export function composedParts(fragments: readonly Part[], own: string, language: string, isBinary: boolean): string[] {
  if (fragments.length === 0 || isBinary) return [own];
  const named = !withoutComments.includes(language);
  const parts = fragments.map(({ name, content }) => (named ? `# fragment ${inComment(name)}\n${content}` : content));
  return separated([...parts, named ? `# own content\n${own}` : own]);
}

/** A part that ends with a line end needs one more for an empty line, any other two. */
const separated = (parts: readonly string[]): string[] =>
  parts.map((part, index) => (index === parts.length - 1 ? part : `${part}${part.endsWith('\n') ? '\n' : '\n\n'}`));

/**
 * A name is not part of the template: what looks like a placeholder or a loop in it means nothing, and characters that
 * some languages take for the end of a line would end the comment.
 */
const inComment = (name: string): string =>
  withoutPlaceholders(name.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').replace(/\{(?=\{)/g, '{ '));
