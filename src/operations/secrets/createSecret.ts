import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { invalid } from '../../domain/errors';
import { applySecretPatch, newSecret } from '../../domain/values/secret';
import { valueIssues } from '../../domain/values/value';
import { requireEnvironment } from '../../store/environments';
import { seal } from '../../store/sealing';
import { insertSecret, placeOfSecret } from '../../store/secrets';
import { created, type Handler } from '../handler';
import { requireFreeKey } from './requireFreeKey';
import { toSecret } from './view';

export const createSecret: Handler<'createSecret'> = async (request, { tx, principal, keyring, audit }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();
  const issues = valueIssues(body.value);
  if (issues.length > 0) throw invalid(issues);
  await requireFreeKey(tx, principal, envId, body.key);

  const settings = applySecretPatch(newSecret, body);
  const id = uuidv7();
  const row = await insertSecret(tx, {
    id,
    environment_id: envId,
    key: body.key,
    value_sealed: seal(keyring, placeOfSecret(id), body.value),
    description: settings.description,
    never_reveal: settings.neverReveal,
  });
  await audit({
    action: 'create',
    resourceType: 'secret',
    resourceId: id,
    resourceName: row.key,
    environmentId: envId,
    details: { changed: Object.keys(body), after: settings },
  });
  return created(`/api/secrets/${id}`, 'secret', toSecret(row), row.version);
};
