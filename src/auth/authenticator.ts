import { LRUCache } from 'lru-cache';
import type { Principal } from '../domain/access/principal';
import { isId } from '../domain/ids';
import { findRevokedAccessTokens } from '../store/accessTokens';
import { type CredentialRow, findCredentials, findTokenCredential, principalOf, touchCredentials } from '../store/credentials';
import type { Db } from '../store/database';
import { hashApiToken, isApiToken } from './apiTokens';
import type { LoginTokens, VerifiedToken } from './loginTokens';
import type { Refusal } from './refusal';

type Credential = Principal['credential'];

/** A credential that stands, with what it allows now. */
export interface Known {
  principal: Principal;
  expiresAtMs: number;
}
export type Verdict = Known | Refusal;

export interface Authenticator {
  /** The principal of an Authorization header, or why there is none. Throws only when the database is away. */
  authenticate(header: string | undefined): Promise<Principal | Refusal>;
  /** What is true of credentials now: nothing remembered. For whoever was let in once, and stays. */
  look(credentials: readonly Credential[]): Promise<Map<Credential, Verdict>>;
  /** Forgets everything it has seen: facts of a credential may have changed. */
  forget(): void;
  /** Writes pending last-used times, now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const cacheSize = 10_000;
/** Hardly any token of ours is longer; what is longer must not fill the memory. */
const rememberedLength = 2048;
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

  const look = async (credentials: readonly VerifiedToken[]): Promise<Verdict[]> => {
    const idsOf = (wanted: VerifiedToken['kind']) => credentials.flatMap(({ kind, id }) => (kind === wanted ? [id] : []));
    const [{ logins, apiTokens }, revoked] = await Promise.all([
      findCredentials(db, idsOf('login'), idsOf('apiToken')),
      findRevokedAccessTokens(
        db,
        credentials.flatMap(({ access }) => (access ? [access.id] : [])),
      ),
    ]);
    const rows = {
      login: new Map(logins.map((row) => [row.credential_id, row])),
      apiToken: new Map(apiTokens.map((row) => [row.credential_id, row])),
    };
    return credentials.map((one) =>
      one.access && revoked.has(one.access.id) ? 'unknown' : verdictOf(rows[one.kind].get(one.id), one),
    );
  };

  const verdictOn = async (token: string): Promise<Verdict> => {
    if (isApiToken(token)) {
      const row = await findTokenCredential(db, hashApiToken(token));
      return row ? verdictOf(row, { kind: 'apiToken', id: row.credential_id }) : 'unknown';
    }
    // A JWT has three parts; whatever else comes here costs no signature check.
    if (token.split('.', 4).length !== 3) return 'unknown';
    const verified = await loginTokens.verify(token);
    if (typeof verified === 'string') return verified;
    const ids = [verified.id, ...(verified.access ? [verified.access.id] : [])];
    return ids.every(isId) ? ((await look([verified]))[0] ?? 'unknown') : 'unknown';
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
      const verdicts = await look(credentials);
      return new Map(credentials.map((one, index) => [one, current(verdicts[index] ?? 'unknown')]));
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

function verdictOf(row: CredentialRow | undefined, credential: Credential): Verdict {
  if (!row) return 'unknown';
  if (row.disabled) return 'disabled';
  const expiresAtMs = Math.min(Date.parse(row.expires_at), credential.access?.expiresAtMs ?? Number.POSITIVE_INFINITY);
  return { principal: principalOf(row, credential), expiresAtMs };
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
