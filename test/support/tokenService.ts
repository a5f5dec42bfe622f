import { userPassword } from './fixtures';
import type { Answered, Portolan } from './portolan';

export const formType = 'application/x-www-form-urlencoded';

/** `Basic` with these two, as clients of the token service name themselves. */
export const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Asks for a token with a form, as the client `cf` unless told otherwise. */
export function askToken(
  portolan: Portolan,
  form: Record<string, string> | string,
  authorization: string | null = basic('cf', ''),
): Promise<Answered> {
  return portolan.call('createOauthToken', {
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    headers: { 'content-type': formType, ...(authorization === null ? {} : { authorization }) },
  });
}

export const askByPassword = (portolan: Portolan, username: string, password: string = userPassword): Promise<Answered> =>
  askToken(portolan, { grant_type: 'password', username, password });

export const askByRefresh = (portolan: Portolan, refresh_token: string): Promise<Answered> =>
  askToken(portolan, { grant_type: 'refresh_token', refresh_token });

export const askByApiToken = (portolan: Portolan, client_id: string, client_secret: string): Promise<Answered> =>
  askToken(portolan, { grant_type: 'client_credentials', client_id, client_secret }, null);

/** The claims of a JWT, unverified. */
export const claimsOf = (token: string): Record<string, any> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
