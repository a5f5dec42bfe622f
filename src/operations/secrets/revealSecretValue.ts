import { visible } from '../../domain/access/principal';
import { notRevealed, revealRefusal } from '../../domain/values/secret';
import { settingsOf } from '../../store/environmentSettings';
import { unseal } from '../../store/sealing';
import { findSealedSecret, placeOfSecret } from '../../store/secrets';
import { type Handler, json } from '../handler';

export const revealSecretValue: Handler<'revealSecretValue'> = async ({ path: { id } }, { transact, principal, keyring }) => {
  const { row, refusal } = await transact(async ({ tx, audit }) => {
    const row = visible(principal, await findSealedSecret(tx, id), 'secret', id);
    const { allowSecretReveal } = await settingsOf(tx, row.environment_id, 'configuration');
    const refusal = revealRefusal(allowSecretReveal, row.never_reveal);
    await audit({
      action: 'reveal',
      resourceType: 'secret',
      resourceId: id,
      resourceName: row.key,
      environmentId: row.environment_id,
      success: refusal === null,
      ...(refusal === null ? {} : { error: refusal }),
    });
    return { row, refusal };
  });
  // The record of a refusal is committed by now: a problem that is thrown inside would take it along.
  if (refusal !== null) throw notRevealed(refusal);
  return json({ value: unseal(keyring, placeOfSecret(id), row.value_sealed) });
};
