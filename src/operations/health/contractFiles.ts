import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');

export interface ServedFile {
  content: Buffer;
  etag: string;
}

/** An ETag for content that has no version: only its bytes count. */
export const etagOfContent = (content: Buffer | string): string =>
  `"0.${createHash('sha1').update(content).digest('hex').slice(0, 10)}"`;

const read = new Map<string, ServedFile>();

/** A file of the package, read at its first use and kept. `path` is one of this program's own, never a client's. */
export function servedFile(path: string): ServedFile {
  let file = read.get(path);
  if (!file) {
    const content = readFileSync(path);
    file = { content, etag: etagOfContent(content) };
    read.set(path, file);
  }
  return file;
}

export const contractJson = (): ServedFile => servedFile(join(root, 'generated', 'openapi.json'));
export const contractYaml = (): ServedFile => servedFile(join(root, 'openapi.yaml'));
