import { visible } from '../../domain/access/principal';
import { differingMembers } from '../../domain/changes';
import { requireUploadable } from '../../domain/config/contentSize';
import { applyFragmentPatch } from '../../domain/config/fragment';
import { keyIssues, keysIn } from '../../domain/config/placeholders';
import { invalid } from '../../domain/errors';
import { lockConfigFragment, updateConfigFragmentRow } from '../../store/configFragments';
import { saveConfigFragmentKeys } from '../../store/configKeys';
import { loopIssues } from '../configFiles/loopIssues';
import { type Handler, single } from '../handler';
import { auditedFragment } from './audited';
import { requireFreeName } from './requireFreeName';
import { toConfigFragment } from './view';

export const updateConfigFragment: Handler<'updateConfigFragment'> = async (request, context) => {
  const { tx, principal, settings, audit } = context;
  const { id } = request.path;
  const row = visible(principal, await lockConfigFragment(tx, id), 'config fragment', id);
  const before = { name: row.name, description: row.description, content: row.content };
  const after = applyFragmentPatch(before, request.body());
  const changed = differingMembers(before, after);
  if (changed.includes('content')) {
    requireUploadable(Buffer.byteLength(after.content), settings().maxUploadSizeMb);
    const issues = [
      ...keyIssues('content', keysIn(after.content)),
      ...(await loopIssues(tx, principal, row.environment_id, { content: after.content })),
    ];
    if (issues.length > 0) throw invalid(issues);
  }
  request.precondition(row.version, () => toConfigFragment(row));

  if (changed.length === 0) return single('fragment', toConfigFragment(row), row.version);
  if (changed.includes('name')) await requireFreeName(tx, principal, row.environment_id, after.name);
  const saved = await updateConfigFragmentRow(tx, { id, ...after });
  if (changed.includes('content')) await saveConfigFragmentKeys(tx, id, keysIn(after.content));
  await audit({
    action: 'update',
    resourceType: 'config_fragment',
    resourceId: id,
    resourceName: saved.name,
    environmentId: saved.environment_id,
    details: auditedFragment(before, after, changed),
  });
  return single('fragment', toConfigFragment(saved), saved.version);
};
