import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';

/** A document that was read, or where and why it could not be. */
export type ReadYaml = { document: Document.Parsed } | { offset: number; message: string };

/** A long document has some six pieces a line; who has more than this is up to no good. */
const mostPieces = 100_000;
/** Composing goes down into the stack with the document, and an engine at the end of its stack may end the process. */
const deepest = 100;

/** Reads one YAML document within bounded time and depth, whatever the text is. */
export function readYaml(text: string): ReadYaml {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let pieces = 0;
  for (const piece of new Lexer().lex(text)) {
    pieces += 1;
    if (pieces > mostPieces) return { offset: parser.offset, message: 'The document has too many parts.' };
    for (const token of parser.next(piece)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  const deep = tooDeep(tokens);
  if (deep) return { offset: deep.offset, message: `The document is nested deeper than ${deepest} levels.` };

  const [document, next] = [...new Composer({ merge: true }).compose(tokens, true, text.length)];
  if (!document) return { offset: 0, message: 'There is no document.' };
  const [first] = document.errors;
  if (first) return { offset: first.pos[0], message: first.message };
  if (next) return { offset: next.range[0], message: 'There is more than one document.' };
  return { document: document as Document.Parsed };
}

/** A token below the deepest level that is read; level by level, without a stack that the text could fill. */
function tooDeep(tokens: readonly CST.Token[]): CST.Token | undefined {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return level[0];
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) =>
    [item.key, item.value].filter((child): child is CST.Token => child !== null && child !== undefined),
  );
}
