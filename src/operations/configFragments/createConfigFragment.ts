import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { requireUploadable } from '../../domain/config/contentSize';
import { applyFragmentPatch } from '../../domain/config/fragment';
import { keyIssues, keysIn } from '../../domain/config/placeholders';
import { invalid } from '../../domain/errors';
import { insertConfigFragment } from '../../store/configFragments';
import { saveConfigFragmentKeys } from '../../store/configKeys';
import { requireEnvironment } from '../../store/environments';
import { loopIssues } from '../configFiles/loopIssues';
import { created, type Handler } from '../handler';
import { auditedFragment } from './audited';
import { requireFreeName } from './requireFreeName';
import { toConfigFragment } from './view';

export const createConfigFragment: Handler<'createConfigFragment'> = async (request, context) => {
  const { tx, principal, settings, audit } = context;
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();
  const fragment = applyFragmentPatch({ name: '', description: null, content: '' }, body);
  requireUploadable(Buffer.byteLength(fragment.content), settings().maxUploadSizeMb);
  const keys = keysIn(fragment.content);
  const issues = [...keyIssues('content', keys), ...(await loopIssues(tx, principal, envId, { content: fragment.content }))];
  if (issues.length > 0) throw invalid(issues);
  await requireFreeName(tx, principal, envId, fragment.name);

  const row = await insertConfigFragment(tx, { id: uuidv7(), environmentId: envId, ...fragment });
  await saveConfigFragmentKeys(tx, row.id, keys);
  await audit({
    action: 'create',
    resourceType: 'config_fragment',
    resourceId: row.id,
    resourceName: row.name,
    environmentId: envId,
    details: auditedFragment(null, fragment, Object.keys(body)),
  });
  return created(`/api/config-fragments/${row.id}`, 'fragment', toConfigFragment(row), row.version);
};
