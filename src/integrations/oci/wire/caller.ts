import type { CallOptions, RegistryAccess } from '../access';

/** On whose behalf a request is sent, through all layers of the transport. */
export interface Caller {
  /** Turns at a host are shared out by it. */
  key: string;
  /** Shown in failures. */
  name: string;
  signal: AbortSignal | undefined;
  requestId: string | undefined;
  optional: boolean;
  onRequest?: (() => void) | undefined;
  /** Never part of a message, even if the other side repeats them. */
  secrets: readonly string[];
}

/** The caller that a connection's request comes from. */
export function callerOf(access: RegistryAccess, options: CallOptions = {}): Caller {
  const { username, password, token } = access;
  const secrets = [password, token].filter((secret): secret is string => secret !== null && secret !== '');
  // DigitalOcean's token is its own user name.
  const encoded = secrets.flatMap((secret) => [
    ...[secret, `${username}:${secret}`, `${secret}:${secret}`].map(base64),
    encodeURIComponent(secret),
  ]);
  return {
    key: access.key,
    name: access.name,
    signal: options.signal,
    requestId: options.requestId,
    optional: options.optional ?? false,
    onRequest: options.onRequest,
    secrets: [...secrets, ...encoded],
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What the other side said, made fit for a message: one line, no secrets and nothing that may be one, not long. */
export function quoted(text: string, secrets: readonly string[], longest = 200): string {
  // Longer ones first: a secret may be part of another one.
  const masked = [...secrets].sort((a, b) => b.length - a.length).reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  const line = masked
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/\b(bearer|basic)\s+\S+/gi, '$1 ***')
    .replace(/\beyJ[\w-]+(?:\.[\w-]*)*/g, '***')
    .replace(/\?[^\s"']+/g, '')
    .replace(/[\w+/=~-]{24,}/g, (run) => (/\d/.test(run) ? '***' : run))
    .trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
