import { Problem } from '../errors';
import { patchedText } from '../registries/registry';

/** What a user sets on a secret, without its value. */
export interface SecretSettings {
  description: string | null;
  neverReveal: boolean;
}

/** Absent keeps, null clears, a value sets; `""` clears the description. */
export interface SecretPatch {
  description?: string | null | undefined;
  neverReveal?: boolean | undefined;
}

/** What a secret starts from. */
export const newSecret: SecretSettings = { description: null, neverReveal: false };

/** The settings after a patch. */
export const applySecretPatch = (present: SecretSettings, patch: SecretPatch): SecretSettings => ({
  description: patchedText(present.description, patch.description),
  neverReveal: patch.neverReveal ?? present.neverReveal,
});

/**
 * 409 for taking the promise of `neverReveal` back while the value that was stored under it stays. The same value sent
 * again is still that value; were it enough, whoever holds it could open it to all who may reveal, for good.
 */
export function requireKeptPromise(before: SecretSettings, after: SecretSettings, valueChanges: boolean): void {
  if (!before.neverReveal || after.neverReveal || valueChanges) return;
  throw new Problem('conflict', {
    message: 'The value of this secret is never to be revealed; that can only be said otherwise of another value.',
    field: 'neverReveal',
    hint: 'Send neverReveal: false together with a new value.',
    details: { state: 'never_reveal' },
  });
}

export type RevealRefusal = 'reveal_disabled' | 'never_reveal';

/** Why a value is not revealed, if it is not: the environment's switch first, since it goes for all of its secrets. */
export function revealRefusal(allowedInEnvironment: boolean, neverReveal: boolean): RevealRefusal | null {
  if (!allowedInEnvironment) return 'reveal_disabled';
  return neverReveal ? 'never_reveal' : null;
}

const refusals: Record<RevealRefusal, [message: string, hint: string]> = {
  reveal_disabled: [
    'This environment does not reveal the values of secrets.',
    'An administrator allows it with the setting allowSecretReveal of the module configuration.',
  ],
  never_reveal: ['The value of this secret is never revealed.', 'Give it a new value if nobody knows the present one.'],
};

/** 403 for a value that is not revealed. */
export function notRevealed(reason: RevealRefusal): Problem {
  const [message, hint] = refusals[reason];
  return new Problem('forbidden_scope', { message, hint, details: { reason } });
}
