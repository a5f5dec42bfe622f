import { credentialsFile, forgetLogin, storeLogin, targetOf, tokenText, urlOf } from './credentials';
import { exitCodes } from './exitCodes';
import type { Surroundings } from './run';
import { plain, serviceAt } from './service';
import { readHidden, readShown, readStdin } from './stdin';
import { CommandFailure, note, print } from './terminal';

export interface LoginWishes {
  url?: string;
  email?: string;
  passwordStdin?: boolean;
  tokenStdin?: boolean;
}

interface Principal {
  user: { email: string; name: string | null };
  role: string;
}

const usage = (message: string): CommandFailure => new CommandFailure(exitCodes.usage, message);

/** Signs in and keeps the token, after the service has taken it. */
export async function login(around: Surroundings, wishes: LoginWishes): Promise<void> {
  const { terminal } = around;
  if (wishes.passwordStdin && wishes.tokenStdin) throw usage('Give --password-stdin or --token-stdin, not both.');
  if (wishes.tokenStdin && wishes.email !== undefined) throw usage('A token says whose it is; leave --email out.');
  const url = urlOf(terminal.env, wishes.url);
  const token = wishes.tokenStdin
    ? tokenText(await readStdin(terminal, '--token-stdin'), 'The standard input')
    : await tokenForPassword(around, url, wishes);
  const { user } = await principalOf(around, url, token);
  const file = storeLogin(terminal.env, url, { token, email: user.email });
  note(terminal, `Signed in to ${url} as ${plain(user.email)}; the token is in ${file}.`);
  if (terminal.env.PORTOLAN_TOKEN) note(terminal, 'PORTOLAN_TOKEN is set and goes before it.');
}

async function tokenForPassword({ terminal, version, timing }: Surroundings, url: string, wishes: LoginWishes): Promise<string> {
  const mayAsk = terminal.stdin.isTTY === true;
  if (wishes.email === undefined && !(mayAsk && !wishes.passwordStdin)) throw usage('Missing: --email.');
  if (!wishes.passwordStdin && !mayAsk) throw usage('Nobody can be asked for the password here: give --password-stdin.');
  const email = wishes.email ?? (await readShown(terminal, 'E-mail: '));
  const password = wishes.passwordStdin
    ? (await readStdin(terminal, '--password-stdin')).replace(/\r?\n$/, '')
    : await readHidden(terminal, 'Password: ');
  const answer = await serviceAt({ url, token: null }, terminal, version, timing).ask({
    method: 'POST',
    path: '/api/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
    public: true,
  });
  return ((await answer.json()) as { token: string }).token;
}

async function principalOf({ terminal, version, timing }: Surroundings, url: string, token: string): Promise<Principal> {
  const service = serviceAt({ url, token }, terminal, version, timing);
  return (await (await service.ask({ method: 'GET', path: '/api/auth/me', headers: {} })).json()) as Principal;
}

/** Ends the login at the service where it still can, and forgets the token in any case. */
export async function logout({ terminal, version, timing }: Surroundings, wishes: { url?: string }): Promise<void> {
  const url = urlOf(terminal.env, wishes.url);
  const stored = targetOf({ ...terminal.env, PORTOLAN_TOKEN: undefined }, url).token;
  if (stored === null) throw new CommandFailure(exitCodes.notSignedIn, `Not signed in to ${url}.`);
  const ended = await serviceAt({ url, token: stored }, terminal, version, { ...timing, tries: 1 })
    .ask({ method: 'POST', path: '/api/auth/logout', headers: {} })
    .then(
      () => true,
      () => false,
    );
  forgetLogin(terminal.env, url);
  note(terminal, `Signed out of ${url}.`);
  if (!ended) note(terminal, 'The service did not end the login; an API token lives on until it is deleted or expires.');
}

/** Shows who the credential in use is, and where it comes from. */
export async function whoami(around: Surroundings, wishes: { url?: string; json?: boolean }): Promise<void> {
  const { terminal, version, timing } = around;
  const target = targetOf(terminal.env, wishes.url);
  const service = serviceAt(target, terminal, version, timing);
  const text = await (await service.ask({ method: 'GET', path: '/api/auth/me', headers: {} })).text();
  if (wishes.json) return print(terminal, `${text}\n`);
  const { user, role } = JSON.parse(text) as Principal;
  const name = user.name ? `${plain(user.name)} <${plain(user.email)}>` : plain(user.email);
  await print(terminal, `${name}, ${plain(role)}, at ${target.url}\n`);
  const fromEnv = terminal.env.PORTOLAN_TOKEN !== undefined && target.token === terminal.env.PORTOLAN_TOKEN.trim();
  note(terminal, `The token is from ${fromEnv ? 'PORTOLAN_TOKEN' : credentialsFile(terminal.env)}.`);
}
