import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './credentials';
import { exitCodeOf, exitCodes } from './exitCodes';
import { CommandFailure, note, type Terminal } from './terminal';

/** A request as it goes over the wire. */
export interface Outgoing {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: string | FormData | undefined;
  /** Sent without a credential. */
  public?: boolean | undefined;
  /** Another address than the service's; no credential goes there. */
  base?: string | undefined;
  /** The answer is read as it comes, however long that takes. */
  endless?: boolean | undefined;
}

/** Asks the service, patiently. */
export interface Service {
  readonly url: string;
  /** The answer of a success; everything else is a CommandFailure. */
  ask(request: Outgoing): Promise<Response>;
}

export interface Patience {
  timeoutMs: number;
  tries: number;
  firstDelayMs: number;
}

export const standardPatience: Patience = { timeoutMs: 60_000, tries: 4, firstDelayMs: 300 };
/** Nobody wants to look at a prompt for longer. */
const longestWaitMs = 60_000;

export function serviceAt(target: Target, terminal: Terminal, version: string, patience: Patience): Service {
  const once = (request: Outgoing): Promise<Response> => sendOnce(target, request, version, patience.timeoutMs);
  return {
    url: target.url,
    async ask(request) {
      if (!request.public && target.token === null) throw notSignedIn(target.url);
      let delayMs = patience.firstDelayMs;
      for (let tried = 1; ; tried++) {
        const answer = await once(request).catch((error: unknown) => asNetworkFault(error, target, request));
        if (answer instanceof Response && (answer.status < 300 || answer.status === 304)) return answer;
        const waitMs = tried < patience.tries ? waitBefore(request, answer, delayMs) : undefined;
        if (waitMs === undefined) throw answer instanceof Response ? await refusal(answer, target, request) : answer.failure;
        const why = answer instanceof Response ? `${target.url} answers ${answer.status}.` : answer.failure.message;
        note(terminal, `portolan: ${why} Trying again in ${Math.ceil(waitMs / 1000)} s.`);
        if (answer instanceof Response) await answer.body?.cancel();
        await delay(waitMs);
        delayMs *= 2;
      }
    },
  };
}

async function sendOnce(target: Target, request: Outgoing, version: string, timeoutMs: number): Promise<Response> {
  const authorization = !request.public && request.base === undefined ? { authorization: `Bearer ${target.token}` } : {};
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException('no answer', 'TimeoutError')), timeoutMs);
  try {
    const answer = await fetch((request.base ?? target.url) + request.path, {
      method: request.method,
      headers: { 'user-agent': `portolan-cli/${version}`, accept: '*/*', ...authorization, ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      // Followed, it would carry the token to whoever the answer names.
      redirect: 'manual',
      signal: limit.signal,
    });
    if (request.endless) return answer;
    const { status, headers } = answer;
    const bytes = await answer.arrayBuffer();
    const empty = [204, 205, 304].includes(status);
    return new Response(empty ? null : bytes, { status, headers });
  } finally {
    clearTimeout(timer);
  }
}

interface NetworkFault {
  failure: CommandFailure;
  /** Nothing of the request has arrived. */
  unsent: boolean;
}

function asNetworkFault(error: unknown, target: Target, { base }: Outgoing): NetworkFault {
  const cause = (error as { cause?: NodeJS.ErrnoException }).cause;
  const url = base ?? target.url;
  if ((error as Error).name === 'TimeoutError') {
    return { unsent: false, failure: new CommandFailure(exitCodes.unavailable, `${url} does not answer in time.`) };
  }
  if (!isNetworkFault(error)) throw error;
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'the host is not known',
    EAI_AGAIN: 'the name service does not answer',
    ECONNRESET: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
  };
  const code = cause?.code ?? '';
  const failure = new CommandFailure(
    exitCodes.unavailable,
    `${url} cannot be reached: ${reasons[code] ?? (cause?.message || (error as Error).message)}.`,
    ['Is the service running? --url and PORTOLAN_URL say where it is.'],
  );
  return { unsent: ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(code), failure };
}

/** What fetch throws for anything that is wrong with the connection. */
export const isNetworkFault = (error: unknown): boolean =>
  (error as Error)?.name === 'TypeError' && (error as Error).cause !== undefined;

/** How long to wait before the next try; undefined: there is none. */
function waitBefore(request: Outgoing, answer: Response | NetworkFault, delayMs: number): number | undefined {
  const repeatable = request.method === 'GET' || request.headers['idempotency-key'] !== undefined;
  if (!(answer instanceof Response)) {
    return repeatable || answer.unsent ? delayMs : undefined;
  }
  // What was refused by a limit was not begun.
  if (answer.status !== 429 && !(repeatable && answer.status === 503)) return undefined;
  const asked = answer.headers.get('retry-after');
  const waitMs = asked !== null && /^\d+$/.test(asked) ? Number(asked) * 1000 : delayMs;
  return waitMs <= longestWaitMs ? waitMs : undefined;
}

const notSignedIn = (url: string): CommandFailure =>
  new CommandFailure(exitCodes.notSignedIn, `Not signed in to ${url}.`, [
    `Run \`portolan login --url ${url}\`, or set PORTOLAN_URL and PORTOLAN_TOKEN.`,
  ]);

/** What the service says, in the manner of whichever surface it is. */
async function refusal(answer: Response, target: Target, request: Outgoing): Promise<CommandFailure> {
  const { status } = answer;
  if (status < 400) {
    const way = 'No redirect is followed: it would take the token along. Is --url the address of the service itself?';
    return new CommandFailure(exitCodes.other, `${target.url} sends elsewhere (${status}).`, [way]);
  }
  const text = await answer.text();
  const requestId = answer.headers.get('x-request-id') ?? answer.headers.get('x-vcap-request-id');
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    body = {};
  }
  const said = body?.message !== undefined ? ofApi(body) : Array.isArray(body?.errors) ? ofV3(body) : ofTokenService(body);
  const lines = [...said.lines];
  if (status === 401 && !request.public) lines.push(`hint: run \`portolan login --url ${target.url}\` to sign in again.`);
  const id = body?.requestId ?? requestId;
  if (id) lines.push(`request id: ${plain(id)}`);
  return new CommandFailure(
    exitCodeOf(status),
    said.message ? `${said.message} (${status}${said.code})` : `${target.url} answers ${status}.`,
    lines,
  );
}

interface Said {
  message: string;
  code: string;
  lines: string[];
}

function ofApi({ code, message, field, hint, details }: any): Said {
  const lines: string[] = [];
  if (field) lines.push(`field: ${plain(field)}`);
  if (hint) lines.push(`hint: ${plain(hint)}`);
  const further = Array.isArray(details) ? details.filter((one) => one?.message !== undefined && one.message !== message) : [];
  for (const one of further) lines.push(`also: ${plain(one.field ? `${one.field}: ${one.message}` : one.message)}`);
  for (const one of details?.inUseBy ?? []) lines.push(`in use by: ${plain(`${one.type} ${one.name ?? one.id}`)}`);
  return { message: plain(message), code: code ? ` ${plain(code)}` : '', lines };
}

function ofV3({ errors }: any): Said {
  const [first, ...rest] = errors;
  const text = (one: any) => plain(one?.detail ?? one?.title ?? '');
  return {
    message: text(first),
    code: first?.title ? ` ${plain(first.title)}` : '',
    lines: rest.map((one: any) => `also: ${text(one)}`),
  };
}

function ofTokenService({ error, error_description: description }: any): Said {
  return { message: plain(description ?? error ?? ''), code: error ? ` ${plain(error)}` : '', lines: [] };
}

/** Text of a service, without what would steer the terminal. */
export const plain = (value: unknown): string =>
  String(value)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
