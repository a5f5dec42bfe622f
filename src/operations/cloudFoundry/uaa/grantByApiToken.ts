import { hashApiToken, isApiToken } from '../../../auth/apiTokens';
import type { OauthClient } from '../../../domain/cloudFoundry/oauthClient';
import { OauthProblem } from '../../../domain/cloudFoundry/oauthProblem';
import { type CredentialRow, findTokenCredential, principalOf } from '../../../store/credentials';
import type { Grant } from './grant';

/**
 * Client credentials: the secret is an API token, the id its service account or itself. Only failures are counted: many
 * runs of a pipeline sign in at the same time, and nobody guesses 256 bits.
 */
export const grantByApiToken: Grant = async (_form, client, context) => {
  const { database, now, countLogin, clientAddress } = context;
  const row = isApiToken(client.secret) ? await findTokenCredential(database.db, hashApiToken(client.secret)) : undefined;
  if (!row || row.disabled || Date.parse(row.expires_at) <= now().getTime() || !isNamed(row, client)) {
    await countLogin(clientAddress, client.id);
    throw new OauthProblem('invalid_client', 'The client is unknown, or its secret is no API token of it that is valid.');
  }
  return { principal: principalOf(row, { kind: 'apiToken', id: row.credential_id }), notAfterMs: Date.parse(row.expires_at) };
};

const isNamed = (row: CredentialRow, { id }: OauthClient): boolean =>
  row.credential_id === id.toLowerCase() || (row.owner_kind === 'serviceAccount' && row.name === id);
