import type { JWTPayload } from 'jose';
import type { AccessClaims } from '../domain/cloudFoundry/accessToken';
import type { Database } from '../store/database';
import type { Keyring } from '../store/sealing';
import { createSigningKeys, type PublicJwk } from './signingKeys';

/** Logins of /api are for Portolan, access tokens of /uaa for the cloud controller; both open both surfaces. */
const loginAudience = 'portolan';
const accessAudience = 'cloud_controller';

export interface LoginToken {
  id: string;
  userId: string;
  issuedAt: Date;
  expiresAt: Date;
}

/** What a token stands for. `access` is there for an access token, and tells which. */
export interface VerifiedToken {
  kind: 'login' | 'apiToken';
  id: string;
  access?: { id: string; expiresAtMs: number };
}

export interface LoginTokens {
  /** A signed token for a login; dates as JavaScript dates. */
  sign(login: LoginToken): Promise<string>;
  /** A signed access token. What its bearer may do is not read from it, but asked of its credential at each request. */
  signAccess(claims: AccessClaims): Promise<string>;
  /** The credential behind a token that this installation signed; why there is none otherwise. */
  verify(token: string): Promise<VerifiedToken | 'unknown' | 'expired'>;
  /** What others verify our tokens with. */
  publicKeys(): Promise<PublicJwk[]>;
  /** See `SigningKeys`. */
  rotate(): Promise<void>;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** The tokens that a sign-in gives: JWTs signed with ES256. */
export function createLoginTokens(database: Database, keyring: Keyring, longestTtlSeconds: number): LoginTokens {
  const keys = createSigningKeys(database, keyring, longestTtlSeconds);
  return {
    rotate: keys.rotate,
    publicKeys: keys.publicKeys,
    sign: ({ id, userId, issuedAt, expiresAt }) =>
      keys.sign({ sub: userId, sid: id, aud: loginAudience, iat: seconds(issuedAt), exp: seconds(expiresAt) }),
    signAccess: (claims) => keys.sign({ ...claims, aud: [accessAudience] }),
    async verify(token) {
      const claims = await keys.verify(token, [loginAudience, accessAudience]);
      return typeof claims === 'string' ? claims : credentialOf(claims);
    },
  };
}

function credentialOf({ aud, sid, jti, exp, grant_type }: JWTPayload): VerifiedToken | 'unknown' {
  if (typeof sid !== 'string') return 'unknown';
  if (aud === loginAudience) return { kind: 'login', id: sid };
  if (jti === undefined || exp === undefined) return 'unknown';
  const kind = grant_type === 'client_credentials' ? 'apiToken' : 'login';
  return { kind, id: sid, access: { id: jti, expiresAtMs: exp * 1000 } };
}
