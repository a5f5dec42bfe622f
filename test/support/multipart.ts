import type { OperationId } from '../../generated/operations';
import { factsOf } from './contract';

/** A part that is a file. */
export interface FilePart {
  filename?: string;
  type?: string;
  bytes: Buffer;
}

export const boundary = 'portolan-test-boundary';

/** The bytes of a part with its head. */
export function part(head: string, content: string | Buffer, between = boundary): Buffer {
  return Buffer.concat([Buffer.from(`--${between}\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
}

const isFilePart = (value: unknown): value is FilePart => typeof value === 'object' && value !== null && 'bytes' in value;

function memberPart(name: string, value: unknown, isFile: boolean, between: string): Buffer {
  const disposition = `Content-Disposition: form-data; name="${name.replace(/["\r\n]/g, (char) => encodeURIComponent(char))}"`;
  const file: FilePart | undefined = isFilePart(value) ? value : isFile ? { bytes: Buffer.from(String(value)) } : undefined;
  if (!file) return part(disposition, typeof value === 'string' ? value : JSON.stringify(value), between);
  const { filename = 'upload.bin', type = 'application/octet-stream', bytes } = file;
  return part(`${disposition}; filename="${filename}"\r\nContent-Type: ${type}`, bytes, between);
}

/** An object as multipart/form-data. Members that are files may be given as text, too. */
export function multipart(members: object, files: readonly string[] = ['file'], between = boundary) {
  const parts = Object.entries(members).map(([name, value]) => memberPart(name, value, files.includes(name), between));
  return {
    body: Buffer.concat([...parts, Buffer.from(`--${between}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${between}` },
  };
}

/** A body as an operation takes it: an object becomes multipart where files are uploaded, everything else stays. */
export function bodyFor(id: OperationId, body: unknown): { body?: unknown; headers?: Record<string, string> } {
  const files = factsOf(id).body?.files;
  if (files && typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) return multipart(body, files);
  return body === undefined ? {} : { body };
}
