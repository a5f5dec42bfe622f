import { Problem } from '../domain/errors';

/** Why a credential was refused; each with its way out. */
const refusals = {
  missing: ['This request carries no credential.', 'Send "Authorization: Bearer <token>"; login gives a token.'],
  malformed: ['The Authorization header is not "Bearer <token>".', 'Send "Authorization: Bearer <token>".'],
  unknown: ['This token is unknown, or it was revoked.', 'Log in again, or create another API token.'],
  expired: ['This token has expired.', 'Log in again, or create another API token.'],
  disabled: ['The owner of this token is disabled.', 'Ask an administrator to enable the account.'],
  ticket: ['This ticket is unknown, was used, or has expired.', 'Get another one from createEventTicket; each opens one stream.'],
} as const;
export type Refusal = keyof typeof refusals;

/** 401 with a reason that helps its owner and tells nothing to others. */
export class RefusedCredential extends Problem {
  constructor(readonly reason: Refusal) {
    const [message, hint] = refusals[reason];
    super('unauthorized', { message, hint });
  }
}
export const refused = (reason: Refusal): RefusedCredential => new RefusedCredential(reason);
