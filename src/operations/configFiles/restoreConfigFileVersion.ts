import { visible } from '../../domain/access/principal';
import { notFound, stateForbids } from '../../domain/errors';
import { findVersion } from '../../store/configFileHistory';
import { lockConfigFile } from '../../store/configFiles';
import { type Handler, single } from '../handler';
import { changeFile } from './changeFile';
import { loopIssuesOfFile } from './loopIssues';
import { contentValues, settingsOf } from './settings';
import { toConfigFile } from './view';

export const restoreConfigFileVersion: Handler<'restoreConfigFileVersion'> = async (request, context) => {
  const { tx, principal } = context;
  const { id, historyId } = request.path;
  const row = visible(principal, await lockConfigFile(tx, id), 'config file', id);
  const version = await findVersion(tx, id, historyId);
  if (!version) throw notFound('config file version', historyId);
  const present = await toConfigFile(context.tx, context.keyring, row);
  request.precondition(row.version, () => present);

  if (version.is_binary && row.fragments.length > 0) {
    const hint = 'Take them out with updateConfigFile and an empty list as fragmentIds.';
    throw stateForbids('This version is binary, and the file is made of fragments.', { state: 'has_fragments' }, hint);
  }
  const [outOfReach] = await loopIssuesOfFile(tx, principal, row.environment_id, version.content ?? '', []);
  if (outOfReach) throw stateForbids(outOfReach.message, { state: 'environment_out_of_reach' }, outOfReach.hint);
  const content = contentValues(version.bytes ? { bytes: version.bytes } : { text: version.content ?? '' });
  if (content.checksum === row.checksum && version.is_binary === row.is_binary) {
    return single('configFile', present, row.version);
  }
  const after = { ...settingsOf(row), isBinary: version.is_binary };
  const changed = ['content', ...(version.is_binary === row.is_binary ? [] : ['isBinary'])];
  const saved = await changeFile(context, row, { after, content, changed, action: 'restore' });
  return single('configFile', await toConfigFile(context.tx, context.keyring, saved), saved.version);
};
