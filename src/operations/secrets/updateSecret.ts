import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { invalid } from '../../domain/errors';
import { applySecretPatch, requireKeptPromise } from '../../domain/values/secret';
import { valueIssues } from '../../domain/values/value';
import { holdsText, seal } from '../../store/sealing';
import { lockSecret, placeOfSecret, updateSecretRow } from '../../store/secrets';
import { type Handler, single } from '../handler';
import { toSecret } from './view';

export const updateSecret: Handler<'updateSecret'> = async (request, { tx, principal, keyring, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockSecret(tx, id), 'secret', id);
  const patch = request.body();
  const issues = valueIssues(patch.value);
  if (issues.length > 0) throw invalid(issues);
  request.precondition(row.version, () => toSecret(row));

  const before = { description: row.description, neverReveal: row.never_reveal };
  const after = applySecretPatch(before, patch);
  const place = placeOfSecret(id);
  const newValue = patch.value === undefined || holdsText(keyring, place, row.value_sealed, patch.value) ? null : patch.value;
  requireKeptPromise(before, after, newValue !== null);
  const changed = [...(newValue === null ? [] : ['value']), ...differingMembers(before, after)];
  if (changed.length === 0) return single('secret', toSecret(row), row.version);
  const saved = await updateSecretRow(tx, {
    id,
    value_sealed: newValue === null ? null : seal(keyring, place, newValue),
    description: after.description,
    never_reveal: after.neverReveal,
  });
  await audit({
    action: 'update',
    resourceType: 'secret',
    resourceId: id,
    resourceName: saved.key,
    environmentId: saved.environment_id,
    details: changeDetails(before, after, changed),
  });
  return single('secret', toSecret(saved), saved.version);
};
