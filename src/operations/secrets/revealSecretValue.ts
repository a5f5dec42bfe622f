import { visible } from '../../domain/access/principal';
import { notRevealed, revealRefusal } from '../../domain/values/secret';
import { settingsOf } from '../../store/environmentSettings';
import { unseal } from '../../store/sealing';
import { findSealedSecret, placeOfSecret } from '../../store/secrets';
import { type Handler, json } from '../handler';

export const revealSecretValue: Handler<'revealSecretValue'> = async (request, { transact, principal, keyring }) => {
  const { id } = request.path;
  const { value, refusal } = await transact(async ({ tx, audit }) => {
    const row = visible(principal, await findSealedSecret(tx, id), 'secret', id);
    request.query();
    const { allowSecretReveal } = await settingsOf(tx, row.environment_id, 'configuration');
    const refusal = revealRefusal(allowSecretReveal, row.never_reveal);
    const value = refusal === null ? unseal(keyring, placeOfSecret(id), row.value_sealed) : '';
    await audit({
      action: 'reveal',
      resourceType: 'secret',
      resourceId: id,
      resourceName: row.key,
      environmentId: row.environment_id,
      success: refusal === null,
      ...(refusal === null ? {} : { error: refusal }),
    });
    return { value, refusal };
  });
  // The record of a refusal is committed by now: a problem that is thrown inside would take it along.
  if (refusal !== null) throw notRevealed(refusal);
  return json({ value });
};
