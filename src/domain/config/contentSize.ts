import { Problem } from '../errors';

/** The setting `maxUploadSizeMb` in bytes. */
export const uploadBytes = (maxUploadSizeMb: number): number => maxUploadSizeMb * 1024 * 1024;

/** 413 for file content beyond the setting. It counts as it is stored: as UTF-8, or decoded from base64. */
export function requireUploadable(bytes: number, maxUploadSizeMb: number): void {
  if (bytes <= uploadBytes(maxUploadSizeMb)) return;
  throw new Problem('too_large', {
    message: `The content has ${bytes} bytes; ${uploadBytes(maxUploadSizeMb)} are the most.`,
    field: 'content',
    hint: 'Send less, or ask an administrator to raise the setting maxUploadSizeMb.',
  });
}
