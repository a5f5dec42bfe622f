import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from './exitCodes';
import { CommandFailure } from './terminal';

/** Where the client asks, and as whom. A token is sent nowhere but to the address that it was stored for. */
export interface Target {
  url: string;
  token: string | null;
}

interface StoredLogin {
  token: string;
  email: string | null;
}

interface Stored {
  /** The address of the last login. */
  current: string | null;
  logins: Record<string, StoredLogin>;
}

export const standardUrl = 'http://127.0.0.1:3000';

type Variables = NodeJS.ProcessEnv;

/** `--url`, else PORTOLAN_URL, else that of the last login. */
export function targetOf(env: Variables, urlOption: string | undefined): Target {
  const fromEnv = env.PORTOLAN_URL ? urlText(env.PORTOLAN_URL, 'PORTOLAN_URL') : undefined;
  const option = urlOption === undefined ? undefined : urlText(urlOption, '--url');
  const stored = option || fromEnv ? undefined : readStored(env).current;
  const url = option ?? fromEnv ?? stored ?? standardUrl;
  // A token of the environment belongs to the address of the environment, when there is one.
  const tokenIsMeant = fromEnv === undefined || fromEnv === url;
  if (env.PORTOLAN_TOKEN && tokenIsMeant) return { url, token: tokenText(env.PORTOLAN_TOKEN, 'PORTOLAN_TOKEN') };
  return { url, token: readStored(env).logins[url]?.token ?? null };
}

/** An address of a service, without a slash at its end. */
export function urlText(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash) {
    throw new CommandFailure(exitCodes.usage, `${name} must be an http or https URL such as ${standardUrl}.`);
  }
  if (url.username || url.password) throw new CommandFailure(exitCodes.usage, `${name} must hold no user and no password.`);
  return url.href.replace(/\/+$/, '');
}

/** A token that can stand in a header. */
export function tokenText(text: string, name: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new CommandFailure(exitCodes.usage, `${name} holds no token.`);
  return token;
}

const folderOf = (env: Variables): string => join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'portolan');
export const credentialsFile = (env: Variables): string => join(folderOf(env), 'credentials.json');

function readStored(env: Variables): Stored {
  const file = credentialsFile(env);
  let text: string;
  try {
    refuseOpenFile(file);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, logins: {} };
    throw error;
  }
  try {
    const { current, logins } = JSON.parse(text) as Stored;
    return { current: current ?? null, logins: Object.assign(Object.create(null), logins) };
  } catch {
    throw new CommandFailure(exitCodes.other, `${file} is damaged. Delete it and run \`portolan login\`.`);
  }
}

/** What others may read is no place for a token, whoever wrote it there. */
function refuseOpenFile(file: string): void {
  const { mode } = statSync(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CommandFailure(exitCodes.other, `${file} can be read or written by others (mode ${(mode & 0o777).toString(8)}).`, [
      `Run: chmod 600 ${file}, and log in again if the token may have been read.`,
    ]);
  }
}

/** Keeps the token of an address; the file is readable for its owner only from its first byte on. */
export function storeLogin(env: Variables, url: string, login: StoredLogin): string {
  const stored = readStored(env);
  return write(env, { current: url, logins: { ...stored.logins, [url]: login } });
}

/** Forgets the token of an address; tells whether there was one. */
export function forgetLogin(env: Variables, url: string): boolean {
  const { current, logins } = readStored(env);
  if (!logins[url]) return false;
  const { [url]: _gone, ...rest } = logins;
  write(env, { current: current === url ? null : current, logins: rest });
  return true;
}

function write(env: Variables, stored: Stored): string {
  const folder = folderOf(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = credentialsFile(env);
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
  return file;
}

/** The address that `login` and `logout` mean. */
export const urlOf = (env: Variables, urlOption: string | undefined): string => {
  const fromEnv = urlOption ?? (env.PORTOLAN_URL || undefined);
  if (fromEnv !== undefined) return urlText(fromEnv, urlOption === undefined ? 'PORTOLAN_URL' : '--url');
  return readStored(env).current ?? standardUrl;
};
