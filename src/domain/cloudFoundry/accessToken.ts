import { hasScope, type Principal } from '../access/principal';
import { roleReaches } from '../access/scopes';

/** What clients are told that a principal may do; rights come from the principal itself, at each request. */
export function cloudControllerScopes(principal: Principal): string[] {
  const { role } = principal;
  return [
    'cloud_controller.read',
    ...(roleReaches(role, 'operator') ? ['cloud_controller.write'] : []),
    ...(role === 'admin' ? ['cloud_controller.admin'] : []),
    ...(hasScope(principal, 'droplets:repoint') ? ['cloud_controller.update_build_state'] : []),
  ];
}

/** A new access token, as far as the principal does not say. */
export interface AccessWish {
  jti: string;
  clientId: string;
  now: Date;
  ttlSeconds: number;
  /** The end of the credential behind it, which it never outlives. */
  notAfterMs: number;
}

/** What an access token says. */
export interface AccessClaims {
  jti: string;
  sub: string;
  user_id: string;
  user_name: string;
  email: string;
  origin: 'portolan';
  client_id: string;
  grant_type: 'password' | 'client_credentials';
  scope: string[];
  /** The login that it belongs to or, of client credentials, the API token that it was made from. */
  sid: string;
  iat: number;
  exp: number;
}

/** The claims for a principal. Clients read user_id, user_name, email and origin as texts, also of a program. */
export function accessClaims(principal: Principal, { jti, clientId, now, ttlSeconds, notAfterMs }: AccessWish): AccessClaims {
  const { kind, id, email, name, credential } = principal;
  const iat = Math.floor(now.getTime() / 1000);
  return {
    jti,
    sub: id,
    user_id: id,
    user_name: kind === 'user' ? email : (name ?? email),
    email,
    origin: 'portolan',
    client_id: clientId,
    grant_type: credential.kind === 'login' ? 'password' : 'client_credentials',
    scope: cloudControllerScopes(principal),
    sid: credential.id,
    iat,
    exp: Math.min(iat + ttlSeconds, Math.floor(notAfterMs / 1000)),
  };
}
