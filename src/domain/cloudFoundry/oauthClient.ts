import { OauthProblem } from './oauthProblem';

/** Who asks for a token: the command line, or a program that signs in for itself. */
export interface OauthClient {
  id: string;
  secret: string;
}

/** The client of everybody who signs in with a password; its secret is empty. */
export const publicClientId = 'cf';

const invalidClient = (description: string) => new OauthProblem('invalid_client', description);

/** The client of a request: by HTTP Basic or, without it, in the body (RFC 6749, 2.3.1). */
export function clientOf(
  authorization: string | undefined,
  form: { client_id?: string | undefined; client_secret?: string | undefined },
): OauthClient {
  const basic = /^basic(?: +(.*))?$/i.exec(authorization ?? '');
  if (basic) return basicClient(basic[1] ?? '');
  if (form.client_id === undefined) {
    throw invalidClient(
      `No client is named; send ${publicClientId} with an empty secret by HTTP Basic, or client_id in the body.`,
    );
  }
  return { id: form.client_id, secret: form.client_secret ?? '' };
}

function basicClient(credentials: string): OauthClient {
  const text = /^[A-Za-z0-9+/_-]+={0,2}$/.test(credentials) ? Buffer.from(credentials, 'base64').toString() : '';
  const colon = text.indexOf(':');
  if (colon < 1 || text.includes('\0')) throw invalidClient('The Authorization header is not "Basic <base64 of client:secret>".');
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Refuses any client but that of people. */
export function requirePublicClient({ id, secret }: OauthClient): void {
  if (id !== publicClientId || secret !== '') {
    throw invalidClient(`This grant is for the client ${publicClientId} with an empty secret.`);
  }
}
