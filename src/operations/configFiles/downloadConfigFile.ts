import { visible } from '../../domain/access/principal';
import { contentDisposition } from '../../domain/config/attachment';
import { findContent } from '../../store/configFiles';
import { type Handler, raw } from '../handler';

export const downloadConfigFile: Handler<'downloadConfigFile'> = async ({ path }, { db, principal }) => {
  const file = visible(principal, await findContent(db, path.id), 'config file', path.id);
  const usual = file.is_binary ? 'application/octet-stream' : 'text/plain; charset=utf-8';
  return raw(file.mime_type ?? usual, file.bytes ?? file.content ?? '', {
    etag: `"${file.version}.${file.checksum.slice(0, 10)}"`,
    // Opened in a browser in spite of all, it can run nothing.
    headers: {
      'Content-Disposition': contentDisposition(file.filename),
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    },
  });
};
