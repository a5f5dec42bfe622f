import { visible } from '../../domain/access/principal';
import { notRevealed, revealRefusal } from '../../domain/values/secret';
import { settingsOf } from '../../store/environmentSettings';
import { unseal } from '../../store/sealing';
import { findSealedSecret, placeOfSecret } from '../../store/secrets';
import { type Handler, json } from '../handler';

export const revealSecretValue: Handler<'revealSecretValue'> = async (request, { db, principal, keyring, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await findSealedSecret(db, id), 'secret', id);
  request.query();
  const { allowSecretReveal } = await settingsOf(db, row.environment_id, 'configuration');
  const refusal = revealRefusal(allowSecretReveal, row.never_reveal);
  if (refusal !== null) throw notRevealed(refusal);

  const value = unseal(keyring, placeOfSecret(id), row.value_sealed);
  await audit({
    action: 'reveal',
    resourceType: 'secret',
    resourceId: id,
    resourceName: row.key,
    environmentId: row.environment_id,
  });
  return json({ value });
};
