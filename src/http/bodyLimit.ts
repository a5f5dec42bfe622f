import type { IncomingMessage } from 'node:http';
import type { OperationFacts } from './operationFacts';

const mebibyte = 1024 * 1024;

/** What a body may have beside the content of its file. */
const besidesBytes = mebibyte;

/**
 * However large files may be, one that comes as JSON is several texts at once before it is stored. Larger ones come as
 * multipart, which is bytes throughout.
 */
const mostJsonBytes = 128 * mebibyte;

/** What of an operation its limit depends on. */
interface Limited {
  bodyLimit?: OperationFacts['bodyLimit'];
  body?: { files?: readonly string[] };
}

/** The bytes that a body may have: content in base64 takes a third more than it is worth. */
export function bodyLimitOf(facts: Limited, maxUploadBytes: number): number {
  if (facts.bodyLimit === undefined) return mebibyte;
  if (facts.body?.files) return maxUploadBytes + besidesBytes;
  return Math.min(Math.ceil((maxUploadBytes * 4) / 3) + besidesBytes, mostJsonBytes);
}

/** The bytes that a body will have, as its head tells; undefined when it does not. */
export function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const declared = headers['content-length'];
  if (declared !== undefined) return Number(declared);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}
