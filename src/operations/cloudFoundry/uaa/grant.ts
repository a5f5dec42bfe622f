import type { Principal } from '../../../domain/access/principal';
import type { AccessClaims } from '../../../domain/cloudFoundry/accessToken';
import type { OauthClient } from '../../../domain/cloudFoundry/oauthClient';
import type { SignInNeeds } from '../../auth/signIn';
import type { BodyOf } from '../../handler';

/** What the token service gets beside the request. */
export interface OauthNeeds extends SignInNeeds {
  cfTokenTtlSeconds: number;
  signAccess(claims: AccessClaims): Promise<string>;
  /** Credentials have changed: no remembered verdict outlives this. */
  credentialsChanged(): void;
}

export interface GrantContext extends OauthNeeds {
  readonly requestId: string;
  readonly clientAddress: string;
  now(): Date;
}

/** Whom a token is for, and how long at most. */
export interface Granted {
  principal: Principal;
  notAfterMs: number;
  refreshToken?: string;
}

/** One way to a token. Throws the OauthProblem of whoever may not have one. */
export type Grant = (form: BodyOf<'createOauthToken'>, client: OauthClient, context: GrantContext) => Promise<Granted>;

/** A refresh token, and the login that it belongs to, live this long; then a password is asked for again. */
export const refreshTtlSeconds = 30 * 86_400;
