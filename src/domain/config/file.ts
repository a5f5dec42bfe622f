import type { Issue } from '../errors';
import { patchedText } from '../registries/registry';
import { detectLanguage } from './language';

/** What a user sets, beside content and fragments. */
export interface FileSettings {
  name: string;
  filename: string;
  description: string | null;
  isBinary: boolean;
  mimeType: string | null;
  autoResync: boolean;
  language: string;
  /** Somebody set the language: a rename keeps it. */
  languageGiven: boolean;
}

/** Absent keeps, null clears, a value sets; `""` clears the members that may be null, and is content as any other. */
export interface FilePatch {
  name?: string | undefined;
  filename?: string | undefined;
  content?: string | undefined;
  description?: string | null | undefined;
  isBinary?: boolean | undefined;
  mimeType?: string | null | undefined;
  fileSize?: number | undefined;
  autoResync?: boolean | undefined;
  language?: string | undefined;
  fragmentIds?: string[] | undefined;
}

/** What a file starts from. */
export const newFile: FileSettings = {
  name: '',
  filename: '',
  description: null,
  isBinary: false,
  mimeType: null,
  autoResync: true,
  language: '',
  languageGiven: false,
};

/** The settings after a patch; the language follows the filename until somebody sets it. */
export function applyFilePatch(present: FileSettings, patch: FilePatch): FileSettings {
  const filename = patch.filename ?? present.filename;
  const languageGiven = present.languageGiven || patch.language !== undefined;
  const detected = filename === present.filename ? present.language : detectLanguage(filename);
  return {
    name: patch.name ?? present.name,
    filename,
    description: patchedText(present.description, patch.description),
    isBinary: patch.isBinary ?? present.isBinary,
    mimeType: patchedText(present.mimeType, patch.mimeType),
    autoResync: patch.autoResync ?? present.autoResync,
    language: patch.language ?? (languageGiven ? present.language : detected),
    languageGiven,
  };
}

/** The content of a file: the text as it was sent, or the bytes that its base64 stands for. */
export type FileContent = { text: string; bytes?: undefined } | { bytes: Buffer; text?: undefined };

/** Content as it is sent; an issue when it is no base64 although the file is binary. */
export function parseContent(content: string, isBinary: boolean): FileContent | { issue: Issue } {
  if (!isBinary) return { text: content };
  const bytes = Buffer.from(content, 'base64');
  // The decoder takes whatever it gets; only what it would write itself has one meaning.
  if (bytes.toString('base64') === content) return { bytes };
  const message = 'The content of a binary file must be base64, with padding and without blanks or line ends.';
  const hint = 'Encode the bytes as in RFC 4648, section 4, or upload them with uploadConfigAsset.';
  return { issue: { in: 'body', field: 'content', code: 'format', message, hint } };
}

/** Size in bytes, as content is stored. */
export const contentBytes = ({ text, bytes }: FileContent): number => bytes?.length ?? Buffer.byteLength(text ?? '');

/** A file that becomes binary, or text, needs the content that it is then. */
export function missingContentIssues(present: FileSettings, after: FileSettings, patch: FilePatch): Issue[] {
  if (patch.content !== undefined || present.isBinary === after.isBinary) return [];
  const message = `A file that becomes ${after.isBinary ? 'binary' : 'text'} needs new content.`;
  return [{ in: 'body', field: 'content', code: 'required', message, hint: 'Send content together with isBinary.' }];
}

/** A size that is given is a check of what arrived. */
export function fileSizeIssues(given: number | undefined, actual: number): Issue[] {
  if (given === undefined || given === actual) return [];
  const message = `The content has ${actual} bytes, not ${given}.`;
  return [
    { in: 'body', field: 'fileSize', code: 'inconsistent', message, hint: 'Leave fileSize out, or send the size in bytes.' },
  ];
}

/** What is wrong with a list of fragments by itself; `after` is the file that gets it. */
export function fragmentListIssues(ids: readonly string[], isBinary: boolean): Issue[] {
  return ids.flatMap((id, index): Issue[] => {
    const field = `fragmentIds[${index}]`;
    if (isBinary) {
      const message = 'A binary file is not made of fragments.';
      return [{ in: 'body', field, code: 'inconsistent', message, hint: 'Send an empty list.' }];
    }
    if (ids.indexOf(id) === index) return [];
    const message = 'This fragment stands twice.';
    return [{ in: 'body', field, code: 'unique', message, hint: 'Send each fragment once.' }];
  });
}
