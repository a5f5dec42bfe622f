import { LRUCache } from 'lru-cache';
import type { Principal } from '../domain/access/principal';
import { weakerRole } from '../domain/access/scopes';
import { Problem } from '../domain/errors';
import { isId } from '../domain/ids';
import {
  type CredentialRow,
  findCredentials,
  findLoginCredential,
  findTokenCredential,
  touchCredentials,
} from '../store/credentials';
import type { Db } from '../store/database';
import { hashApiToken, isApiToken } from './apiTokens';
import type { LoginTokens } from './loginTokens';

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

/** A credential that stands, with what it allows now. */
export interface Known {
  principal: Principal;
  expiresAtMs: number;
}
export type Verdict = Known | Refusal;

export interface Authenticator {
  /** The principal of an Authorization header, or why there is none. Throws only when the database is away. */
  authenticate(header: string | undefined): Promise<Principal | Refusal>;
  /** What is true of credentials now, by their ids: nothing remembered. For whoever was let in once, and stays. */
  look(credentials: readonly Principal['credential'][]): Promise<Map<string, Verdict>>;
  /** Forgets everything it has seen: facts of a credential may have changed. */
  forget(): void;
  /** Writes pending last-used times, now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const cacheSize = 10_000;
/** No token of ours is longer; what is longer must not fill the memory. */
const rememberedLength = 1024;
const cacheMs = 60_000;
const touchMs = 60_000;

/**
 * Turns credentials into principals. Verdicts, good and bad, are remembered for a minute and forgotten as soon as any
 * credential, owner or role changes: at once in this process, by notification in the others. While notifications do not
 * arrive, nothing is remembered.
 */
export function createAuthenticator(db: Db, loginTokens: LoginTokens, mayRemember: () => boolean): Authenticator {
  const remembered = new LRUCache<string, { verdict: Verdict }>({ max: cacheSize, ttl: cacheMs });
  const seen = createSeenTimes(db);
  let generation = 0;

  const verdictOn = async (token: string): Promise<Verdict> => {
    if (isApiToken(token)) return verdictOf(await findTokenCredential(db, hashApiToken(token)), 'apiToken');
    // A JWT has three parts; whatever else comes here costs no signature check.
    if (token.split('.', 4).length !== 3) return 'unknown';
    const login = await loginTokens.verify(token);
    if (typeof login === 'string') return login;
    return isId(login.loginId) ? verdictOf(await findLoginCredential(db, login.loginId), 'login') : 'unknown';
  };

  return {
    async authenticate(header) {
      if (header === undefined || header === '') return 'missing';
      const token = /^bearer +(\S+)$/i.exec(header)?.[1];
      if (token === undefined) return 'malformed';
      let verdict = remembered.get(token)?.verdict;
      if (verdict === undefined) {
        const before = generation;
        verdict = await verdictOn(token);
        if (mayRemember() && before === generation && token.length <= rememberedLength) remembered.set(token, { verdict });
      }
      if (typeof verdict === 'string') return verdict;
      if (verdict.expiresAtMs <= Date.now()) return 'expired';
      seen.note(verdict.principal);
      return verdict.principal;
    },
    async look(credentials) {
      const idsOf = (wanted: 'login' | 'apiToken') => credentials.flatMap(({ kind, id }) => (kind === wanted ? [id] : []));
      const { logins, apiTokens } = await findCredentials(db, idsOf('login'), idsOf('apiToken'));
      const verdicts = new Map<string, Verdict>(credentials.map(({ id }) => [id, 'unknown']));
      for (const row of logins) verdicts.set(row.credential_id, current(verdictOf(row, 'login')));
      for (const row of apiTokens) verdicts.set(row.credential_id, current(verdictOf(row, 'apiToken')));
      return verdicts;
    },
    forget() {
      generation++;
      remembered.clear();
    },
    flush: () => seen.flush(),
    close: () => seen.close(),
  };
}

const current = (verdict: Verdict): Verdict =>
  typeof verdict !== 'string' && verdict.expiresAtMs <= Date.now() ? 'expired' : verdict;

function verdictOf(row: CredentialRow | undefined, kind: 'login' | 'apiToken'): Verdict {
  if (!row) return 'unknown';
  if (row.disabled) return 'disabled';
  const role = row.token_role ? weakerRole(row.token_role, row.owner_role) : row.owner_role;
  const principal: Principal = {
    kind: row.owner_kind,
    id: row.owner_id,
    email: row.email,
    name: row.name,
    role,
    scopes: row.scopes,
    environmentIds: row.all_environments ? null : new Set(row.environment_ids),
    credential: { kind, id: row.credential_id },
    installationSuspended: row.installation_suspended,
  };
  return { principal, expiresAtMs: Date.parse(row.expires_at) };
}

/** Last-used times: at most one write a minute for each token and user, gathered outside of requests. */
function createSeenTimes(db: Db) {
  const written = new LRUCache<string, number>({ max: cacheSize });
  const tokens = new Set<string>();
  const users = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    const [tokenIds, userIds] = [[...tokens], [...users]];
    tokens.clear();
    users.clear();
    // A lost last-used time is no reason to fail anything.
    await touchCredentials(db, tokenIds, userIds).catch(() => {});
  };
  const due = (id: string, now: number) => {
    if (now - (written.get(id) ?? 0) < touchMs) return false;
    written.set(id, now);
    return true;
  };
  return {
    note(principal: Principal) {
      const now = Date.now();
      const { credential } = principal;
      if (!due(credential.id, now)) return;
      if (credential.kind === 'apiToken') tokens.add(credential.id);
      if (principal.kind === 'user') users.add(principal.id);
      timer ??= setTimeout(() => void flush(), 1000).unref();
    },
    flush,
    close: flush,
  };
}
