import type { OperationId } from '../../generated/operations';
import { type Canary, canaryOf } from '../support/canaries';
import { factsOf } from '../support/contract';
import { acceptableBody, type Objects, pathOf, unknownPathOf } from '../support/objects';

export interface Request {
  path?: Record<string, string>;
  /** An object is sent as JSON, a text as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** null = no credential; absent = the administrator's. */
  token?: string | null;
}

export interface Recorded {
  operationId: string;
  status: number;
  headers: Record<string, string>;
  /** Head and body, as they came. */
  text: string;
  body: any;
}

/** Sends operations to a real process, keeps every answer, and tells of each token that it is handed. */
export class RecordingClient {
  readonly answers: Recorded[] = [];
  objects: Objects = {};
  adminToken = '';
  viewerToken = '';
  /** Paths that are neither those of the objects nor of what was created. */
  readonly pathOf = new Map<OperationId, Record<string, string>>();
  /** Where objects were created, newest first. */
  private readonly locations: string[][] = [];

  constructor(
    private readonly url: string,
    private readonly minted: (canary: Canary) => void,
  ) {}

  /** The administrator's token is an API token: it outlives changes of the password. */
  async signIn(credentials: { email: string; password: string }, userId: string): Promise<void> {
    const { body } = await this.ask('login', { body: credentials, token: null });
    this.adminToken = body.token;
    const common = { ownerUserId: userId, allEnvironments: true, expiresAt: new Date(Date.now() + 86_400_000).toISOString() };
    const create = async (role: string) => {
      const answer = await this.ask('createApiToken', { body: { name: `canary-${role}`, role, ...common } });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.body.token as string;
    };
    [this.viewerToken, this.adminToken] = [await create('viewer'), await create('admin')];
  }

  acceptableBody(operationId: OperationId): unknown {
    return acceptableBody(operationId, this.objects);
  }

  unknownPath(operationId: OperationId): Record<string, string> {
    return unknownPathOf(operationId);
  }

  /** The path of what was created last, else of what is there anyway. */
  private realPath(operationId: OperationId): Record<string, string> {
    const path = pathOf(operationId, this.objects).path;
    const parts = factsOf(operationId).path.split('/');
    const fits = (location: string[]) =>
      location.length <= parts.length && location.every((part, at) => part === parts[at] || parts[at]?.startsWith('{'));
    const created = this.locations.find((location) => location.length > 3 && fits(location));
    created?.forEach((part, at) => {
      const name = /^\{(\w+)\}$/.exec(parts[at] ?? '')?.[1];
      if (name) path[name] = part;
    });
    return this.pathOf.get(operationId) ?? path;
  }

  async ask(operationId: OperationId, { path, body, headers = {}, token = this.adminToken }: Request = {}): Promise<Recorded> {
    const { method, path: template } = factsOf(operationId);
    const values = path ?? this.realPath(operationId);
    const filled = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? 'none'));
    const hasBody = method !== 'get' && method !== 'delete' && body !== undefined;
    return this.send(operationId, filled, {
      method: method.toUpperCase(),
      headers: {
        ...(token === null || token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(hasBody ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    });
  }

  /** An operation that takes a form. */
  form(operationId: OperationId, values: Record<string, string>): Promise<Recorded> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(values).toString();
    return this.send(operationId, factsOf(operationId).path, { method: 'POST', headers, body });
  }

  /** Reads an address of another listener. */
  async read(url: string): Promise<void> {
    await this.keep('metrics', await fetch(url));
  }

  private async send(operationId: OperationId, path: string, request: RequestInit): Promise<Recorded> {
    const answer = await this.keep(operationId, await this.fetched(path, request));
    const { location } = answer.headers;
    // A new environment would hide the one that all other objects are in.
    const isNew = answer.status === 201 && location !== undefined && operationId !== 'createEnvironment';
    if (isNew) this.locations.unshift(new URL(location, this.url).pathname.split('/'));
    if (answer.status < 300) this.tellTokens(operationId, answer.body);
    return answer;
  }

  /** A body that is too large is not read to its end: the connection may be cut before the answer is read. */
  private fetched(path: string, request: RequestInit): Promise<Response> {
    const cut = (error: unknown) => {
      if (String(request.body).length > 1024 * 1024) return new Response('', { status: 413 });
      throw error;
    };
    return fetch(this.url + path, { ...request, redirect: 'manual' }).catch(cut);
  }

  private async keep(operationId: string, answer: Response): Promise<Recorded> {
    const [text, headers] = [await answer.text(), Object.fromEntries(answer.headers)];
    let body: any;
    try {
      body = JSON.parse(text);
    } catch {
      body = {};
    }
    const recorded = { operationId, status: answer.status, headers, body, text: `${JSON.stringify(headers)}\n${text}` };
    this.answers.push(recorded);
    return recorded;
  }

  private tellTokens(operationId: OperationId, body: unknown): void {
    if (factsOf(operationId).method !== 'post' || !body || typeof body !== 'object') return;
    for (const [name, value] of Object.entries(body)) {
      if (!/(^|_)(token|ticket)$/.test(name) || typeof value !== 'string') continue;
      // The end of a JWT is its signature, which no other has.
      const part = value.slice(-40);
      this.minted(canaryOf(`${name} of ${operationId}`, part, (id) => id === operationId));
    }
  }
}
