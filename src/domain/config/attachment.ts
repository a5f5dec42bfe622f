/** The bytes that RFC 8187 lets stand unescaped in an extended parameter, of those that encodeURIComponent escapes not. */
const escaped = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/['()*!]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Tells a browser to save a file under a name. What is no plain character becomes `_` in the form that every client reads;
 * the other form says the name as it is.
 */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/[^\w.+ -]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${escaped(filename)}`;
}
