import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import Busboy from '@fastify/busboy';
import { type Issue, type IssueCode, Problem } from '../domain/errors';
import { mediaType, type UploadedFile } from '../domain/uploads/uploadedFile';
import { aborted, tooLarge } from './requestBody';

const mostParts = 20;
const mostTextBytes = 64 * 1024;

/** The parts of a multipart body, as members of one object. */
export interface MultipartContent {
  /** Texts, and files as `UploadedFile`. */
  members: Record<string, unknown>;
  /** What is wrong with single parts, whatever they mean. */
  issues: Issue[];
  /** The same for two bodies exactly when they bring the same: the boundary between their parts is none of it. */
  identity: Record<string, unknown>;
}

interface MultipartLimits {
  /** Names of the parts that are files. */
  files: readonly string[];
  fileBytes: number;
  /** Of the whole body. */
  bytes: number;
}

/** Refuses (415) what is not declared as multipart/form-data. */
export function requireMultipart(contentType: string | undefined): void {
  if (/^multipart\/form-data\s*(;|$)/i.test(contentType ?? '')) return;
  throw new Problem('media_type', {
    message: contentType ? `The body is declared as ${contentType.slice(0, 100)}.` : 'The body has no Content-Type.',
    field: 'Content-Type',
    hint: 'Send the file as multipart/form-data, as a form with a file does.',
  });
}

/**
 * Reads a multipart body while it comes: 413 as soon as the file or the body is too large, without reading the rest; 400
 * for what is no multipart.
 */
export function readMultipart(request: IncomingMessage, limits: MultipartLimits): Promise<MultipartContent> {
  const parser = parserOf(request);
  const parts = new Parts(limits);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const stop = (problem: Problem) => {
      request.removeAllListeners('data').pause();
      parser.removeAllListeners().on('error', () => {});
      reject(problem);
    };
    parser.on('file', (name, stream, filename, encoding, type) =>
      parts.add({ name, filename, encoding, type }, stream, () => stop(tooLarge(limits.fileBytes))),
    );
    parser.on('partsLimit', () => stop(malformed(`it has more than ${mostParts} parts`)));
    parser.on('error', (error: Error) => stop(malformed(error.message)));
    parser.on('finish', () => {
      if (begunParts(parser) !== parts.seen) stop(malformed('a part of it has no readable head, or is no form-data'));
      else resolve(parts.content());
    });
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.bytes) stop(tooLarge(limits.fileBytes));
      else if (!parser.write(chunk)) request.pause();
    });
    parser.on('drain', () => request.resume());
    request.on('end', () => parser.end());
    request.on('error', () => stop(aborted()));
    request.on('aborted', () => stop(aborted()));
  });
}

/** Every part is a file to the parser: it decodes texts leniently, and this one wants to see their bytes. */
function parserOf({ headers }: IncomingMessage) {
  try {
    return new Busboy({
      headers: headers as { 'content-type': string },
      isPartAFile: () => true,
      limits: { parts: mostParts, headerPairs: 20, headerSize: 16 * 1024 },
    });
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

/** Parts whose head it cannot read the parser leaves out without a word; how many there were only its inside knows. */
const begunParts = (parser: object): number | undefined => (parser as { _parser?: { _nparts?: number } })._parser?._nparts;

interface PartHead {
  name: string | undefined;
  /** undefined: a text. */
  filename: string | undefined;
  encoding: string;
  type: string;
}

class Parts {
  private readonly members = new Map<string, string | UploadedFile>();
  private readonly identity: Record<string, unknown> = {};
  private readonly issues: Issue[] = [];
  seen = 0;

  constructor(private readonly limits: MultipartLimits) {}

  /** Gathers a part; `refuse` is called when it is too large to be gathered. */
  add(head: PartHead, stream: Readable, refuse: () => void): void {
    this.seen += 1;
    const { name = '', filename } = head;
    const isFile = filename !== undefined;
    const problem = this.problemOf(head);
    if (problem) this.issue(name, ...problem);
    // A part that is refused anyway is read past: what it holds is kept nowhere.
    const keep = problem === undefined;
    const most = isFile ? this.limits.fileBytes : mostTextBytes;
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (keep) this.members.set(name, '');
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most && isFile) refuse();
      else if (keep && bytes <= most) chunks.push(chunk);
    });
    stream.on('error', () => {});
    stream.on('end', () => {
      if (!keep) return;
      if (isFile) this.file(head, name, Buffer.concat(chunks));
      else if (bytes > most) this.issue(name, 'maxLength', `Must have at most ${most} bytes.`, 'Send less.');
      else this.text(name, Buffer.concat(chunks));
    });
  }

  content(): MultipartContent {
    return { members: Object.fromEntries(this.members), issues: this.issues, identity: this.identity };
  }

  private problemOf({ name, filename, encoding }: PartHead): [IssueCode, string, string] | undefined {
    const isFile = filename !== undefined;
    if (name === undefined || name === '') return ['required', 'A part has no name.', 'Give each part a name.'];
    if (name === '__proto__') return ['unknown_member', 'No object here has a member of this name.', 'Leave it out.'];
    if (this.members.has(name)) return ['unparsable', 'This part stands twice.', 'Send it once.'];
    if (encoding === 'base64' || encoding === 'quoted-printable') {
      return ['format', `This part is encoded as ${encoding}.`, 'Send its bytes as they are, without Content-Transfer-Encoding.'];
    }
    if (this.limits.files.includes(name) === isFile) return undefined;
    if (!isFile) return ['type', 'Must be a file.', 'Send it as a part with a filename.'];
    return undefined;
  }

  private file({ filename = '', type }: PartHead, name: string, bytes: Buffer): void {
    const mimeType = mediaType.test(type) ? type : null;
    const file: UploadedFile = { bytes, filename: filename === '' ? null : filename, mimeType };
    this.members.set(name, file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.identity[name] = { sha256, filename: file.filename, mimeType };
  }

  private text(name: string, bytes: Buffer): void {
    const value = bytes.toString('utf8');
    if (!isUtf8(bytes) || value.includes('\0')) {
      this.issue(name, 'format', 'Is not UTF-8, or holds U+0000, which no text can.', 'Send text as UTF-8.');
    }
    this.members.set(name, value);
    this.identity[name] = value;
  }

  private issue(field: string, code: IssueCode, message: string, hint: string): void {
    this.issues.push({ in: 'body', field, code, message, hint });
  }
}

function malformed(reason: string): Problem {
  const message = `The body is no multipart/form-data: ${reason.replace(/\.$/, '')}.`;
  const hint = 'Let a client library write the body, and its boundary.';
  const details: Issue[] = [{ in: 'body', field: '', code: 'unparsable', message, hint }];
  // What is not read stays in the connection; it cannot serve another request.
  return new Problem('validation', { message, field: '', hint, details, headers: { Connection: 'close' } });
}
