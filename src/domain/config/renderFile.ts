import { composedParts, type Part } from './composition';
import { longestRenderedChars, substitute } from './placeholders';
import { type LoopServer, parseLoopsOfParts, runServerLoops, type TemplateError, tooLong } from './serverLoops';
import type { Values } from './values';

/** What a file is rendered from. */
export interface FileSources {
  fragments: readonly Part[];
  own: string;
  language: string;
  isBinary: boolean;
  /** Of the file's environment, and of those that its loops name. */
  servers: readonly LoopServer[];
  /** Name of the file's environment. */
  environment: string;
  values: Values;
}

export interface RenderedFile {
  /** With template errors: the composed text as it stands, without a value in it. */
  text: string;
  /** Keys that there is no value for, in order of first use. Those in a loop that no server fits count. */
  missing: string[];
  templateErrors: TemplateError[];
  usedSecrets: boolean;
}

/**
 * A file as it is delivered. Loops and placeholders are one pass over the composed text: neither what a value says nor what a
 * server is called is read as a template. Binary files are what they are.
 */
export function renderFile(sources: FileSources): RenderedFile {
  const { fragments, own, language, isBinary, servers, environment, values } = sources;
  if (isBinary) return { text: own, missing: [], templateErrors: [], usedSecrets: false };
  const parts = composedParts(fragments, own, language, isBinary);
  const composed = parts.join('');
  const { nodes, errors } = parseLoopsOfParts(parts);
  if (errors.length > 0) return { text: composed, missing: [], templateErrors: errors, usedSecrets: false };

  const missing = new Set<string>();
  let usedSecrets = false;
  let room = longestRenderedChars;
  const written = runServerLoops(nodes, servers, environment, (literal) => {
    // What a loop repeats is rendered before it is written, so the writing alone bounds nothing.
    if (room < 0) return '';
    const substitution = substitute(literal, (key) => values.get(key));
    for (const key of substitution.missing) missing.add(key);
    usedSecrets ||= substitution.usedSecrets;
    room = substitution.tooLong ? -1 : room - substitution.text.length;
    return substitution.text;
  });
  const failure = room < 0 ? tooLong : written;
  return typeof failure === 'string'
    ? { text: failure, missing: [...missing], templateErrors: [], usedSecrets }
    : { text: composed, missing: [...missing], templateErrors: [failure], usedSecrets };
}
