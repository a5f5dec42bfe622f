import { createHash } from 'node:crypto';
import { contentBytes, type FileContent, type FileSettings } from '../../domain/config/file';
import type { ConfigFileRow, ContentValues } from '../../store/configFiles';

/** A stored file as the domain sees it. */
export const settingsOf = (row: ConfigFileRow): FileSettings => ({
  name: row.name,
  filename: row.filename,
  description: row.description,
  isBinary: row.is_binary,
  mimeType: row.mime_type,
  autoResync: row.auto_resync,
  language: row.language,
  languageGiven: row.language_given,
});

/** Content as the store takes it. */
export const contentValues = (content: FileContent): ContentValues => ({
  content: content.text ?? null,
  bytes: content.bytes ?? null,
  fileSize: contentBytes(content),
  checksum: createHash('sha256')
    .update(content.bytes ?? content.text ?? '')
    .digest('hex'),
});
