import { visible } from '../../domain/access/principal';
import { stateForbids } from '../../domain/errors';
import { lockConfigFile } from '../../store/configFiles';
import { type Handler, single } from '../handler';
import { changeFile } from './changeFile';
import { contentValues, settingsOf } from './settings';
import { toConfigFile } from './view';

/** What programs declare that do not know better. */
const anyType = 'application/octet-stream';

export const replaceConfigAsset: Handler<'replaceConfigAsset'> = async (request, context) => {
  const { id } = request.path;
  const row = visible(context.principal, await lockConfigFile(context.tx, id), 'config file', id);
  const { file: uploaded } = request.body();
  const present = await toConfigFile(context.tx, context.keyring, row);
  request.precondition(row.version, () => present);

  if (!row.is_binary) {
    const hint = 'Change its content with updateConfigFile; with isBinary it becomes binary.';
    throw stateForbids('This file is text.', { state: 'not_binary' }, hint);
  }
  const before = settingsOf(row);
  const { mimeType } = uploaded;
  const after = { ...before, mimeType: mimeType === null || mimeType === anyType ? before.mimeType : mimeType };
  const values = contentValues({ bytes: uploaded.bytes });
  const content = values.checksum === row.checksum ? undefined : values;
  const changed = [...(content ? ['content'] : []), ...(after.mimeType === before.mimeType ? [] : ['mimeType'])];
  if (changed.length === 0) return single('configFile', present, row.version);
  const saved = await changeFile(context, row, { after, content, changed });
  return single('configFile', await toConfigFile(context.tx, context.keyring, saved), saved.version);
};
