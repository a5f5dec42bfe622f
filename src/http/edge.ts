import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Handler } from 'openapi-backend';
import { uuidv7 } from 'uuidv7';
import { type OperationId, operations } from '../../generated/operations';
import type { Authenticator } from '../auth/authenticator';
import type { RedeemTicket } from '../auth/eventTickets';
import { type Refusal, refused } from '../auth/refusal';
import type { Principal } from '../domain/access/principal';
import { V3Problem } from '../domain/cloudFoundry/problem';
import { Problem } from '../domain/errors';
import { isUnavailable } from '../store/databaseErrors';
import { OnePassBackend } from './backend';
import { clientAddress, type TrustedProxies } from './clientAddress';
import { rateHeadersOfV3, requestHeadersOfV3 } from './cloudFoundry/headers';
import { v3ProblemAnswer } from './cloudFoundry/problem';
import { crossOrigin } from './crossOrigin';
import { tellDeprecation } from './deprecation';
import { closeWhenDraining, type Exchange, requestIdOf } from './exchange';
import { type OperationFacts, surfaceOf } from './operationFacts';
import { type ProblemAnswer, problemAnswer } from './problem';
import { type RateLimits, tellStanding } from './rateLimits';
import { parseQuery } from './requestQuery';
import type { Headers } from './respond';
import type { Telemetry } from './telemetry';
import { oauthProblemAnswer } from './uaa/problem';

/** What every listener needs to answer, whatever stands behind it. */
export interface EdgeParts {
  authenticator: Pick<Authenticator, 'authenticate'>;
  redeemTicket: RedeemTicket;
  /** Requests without a valid credential count against their address. */
  rateLimits: Pick<RateLimits, 'addresses'>;
  telemetry: Pick<Telemetry, 'ended'>;
  trustedProxies: TrustedProxies;
  /** undefined: no cross-origin requests. */
  corsOrigin: string[] | undefined;
  /** Headers that browsers may send and read beside the usual ones. */
  corsHeaders?: { allowed: readonly string[]; exposed: readonly string[] };
  /** Whether connections are to be closed after their answer. */
  draining(): boolean;
}

/** Serves a request of one operation, once its credential is known. */
export type Dispatch = (exchange: Exchange, path: Record<string, string>) => Promise<void>;

/** What serves an operation; undefined where the listener does not know it. */
export type DispatchOf = (operationId: OperationId, facts: OperationFacts) => Dispatch | undefined;

type Table = Record<string, OperationFacts>;
type WithExchange = Response & { exchange: Exchange };

/** What every request of a listener passes, in order: its operations are those that `dispatchOf` has something for. */
export function createEdge(parts: EdgeParts, dispatchOf: DispatchOf): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(identify(parts, securityHeaders()));
  if (parts.corsOrigin) app.use(crossOrigin(parts.corsOrigin, parts.corsHeaders));
  app.use(answer(createBackend(parts, dispatchOf)));
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    sendProblem((response as WithExchange).exchange, error);
  });
  return app;
}

/** Gives the request its id, on every answer, and tells of its end. */
function identify(parts: EdgeParts, security: Headers) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const url = request.url;
    const mark = url.indexOf('?');
    const exchange: Exchange = {
      request,
      response,
      requestId: requestIdOf(request.headers['x-request-id'], uuidv7),
      startedAtMs: performance.now(),
      clientAddress: clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for'], parts.trustedProxies),
      path: mark < 0 ? url : url.slice(0, mark),
      rawQuery: mark < 0 ? '' : url.slice(mark + 1),
      headers: { ...security },
      operationId: 'none',
      principal: null,
      defect: undefined,
      draining: parts.draining,
    };
    (response as WithExchange).exchange = exchange;
    exchange.headers['X-Request-Id'] = exchange.requestId;
    if (surfaceOf(exchange.path) !== 'api') Object.assign(exchange.headers, requestHeadersOfV3(request));
    // A preflight is answered by the cors library, which knows no exchange.
    if (request.method === 'OPTIONS') response.setHeaders(new Map(Object.entries(exchange.headers)));
    response.once('close', () => parts.telemetry.ended(exchange, response.statusCode, !response.writableFinished));
    next();
  };
}

/**
 * What helmet would set on each answer, asked once: its headers depend on nothing in the request. Answers are data, so
 * they may load nothing; the documentation page brings a policy of its own. Headers that only old browsers read are off.
 */
function securityHeaders(): Headers {
  const headers: Headers = {};
  const collector = {
    setHeader(name: string, value: string) {
      headers[name] = value;
    },
    removeHeader() {},
  };
  const set = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xDnsPrefetchControl: false,
    xXssProtection: false,
    originAgentCluster: false,
  });
  set({} as never, collector as never, () => {});
  return headers;
}

/** HEAD is answered as GET; the server leaves the body out. */
const routedMethod = (method: string | undefined): string => (method === 'HEAD' ? 'GET' : (method ?? 'GET'));

function answer(backend: OnePassBackend) {
  return async (request: Request, response: Response): Promise<void> => {
    const { exchange } = response as WithExchange;
    try {
      const routed = { method: routedMethod(request.method), path: exchange.path, headers: request.headers as never };
      await backend.handleRequest(routed, exchange);
    } catch (error) {
      sendProblem(exchange, error);
    }
  };
}

function createBackend(parts: EdgeParts, dispatchOf: DispatchOf): OnePassBackend {
  const table: Table = {};
  const handlers: Record<string, Handler> = {};
  for (const [id, facts] of Object.entries(operations as Table)) {
    const dispatch = dispatchOf(id as OperationId, facts);
    if (!dispatch) continue;
    table[id] = facts;
    handlers[id] = (context, exchange: Exchange) => {
      enter(exchange, id, facts);
      return dispatch(exchange, context.request.params as Record<string, string>);
    };
  }
  const backend: OnePassBackend = new OnePassBackend(table, { ...handlers, ...hooks(() => backend) } as Record<string, Handler>, {
    bearerAuth: bearerAuth(parts) as Handler,
  });
  void backend.init();
  return backend;
}

/** Whatever the answer will be, it is one of this operation. */
function enter(exchange: Exchange, id: string, facts: OperationFacts): void {
  exchange.operationId = id;
  if (facts.deprecated) tellDeprecation(exchange.headers, id, facts as Required<OperationFacts>, exchange);
}

/** Under /v3 a method that a path does not know is as unknown as a path. */
function refuseUnknownOfV3({ path }: Exchange): void {
  if (surfaceOf(path) === 'v3') throw new V3Problem('unknown_request', 'Unknown request');
}

function hooks(backend: () => OnePassBackend) {
  return {
    notFound: (_context: unknown, exchange: Exchange) => {
      refuseUnknownOfV3(exchange);
      throw new Problem('not_found', {
        message: `There is nothing at ${exchange.path.slice(0, 200)}.`,
        hint: 'The paths are listed at /openapi.json and, to read, at /api/docs; "/" inside a part is sent as %2F.',
      });
    },
    methodNotAllowed: (_context: unknown, exchange: Exchange) => {
      refuseUnknownOfV3(exchange);
      const known = (backend().router as { methodsAt?(path: string): string[] }).methodsAt?.(exchange.path) ?? [];
      const allowed = [...known, ...(known.includes('GET') ? ['HEAD'] : [])].join(', ');
      throw new Problem('not_found', {
        message: `${exchange.path.slice(0, 200)} does not know the method ${exchange.request.method}.`,
        hint: `It knows ${allowed}.`,
        headers: { Allow: allowed },
      });
    },
    unauthorizedHandler: () => {
      throw refused('missing');
    },
    notImplemented: (_context: unknown, exchange: Exchange) => {
      throw new Error(`No handler for ${exchange.operationId}`);
    },
    validationFail: () => {
      throw new Error('Validation is the dispatcher’s');
    },
  };
}

/** The principal of a request. A refused credential counts against its address, before the refusal is told. */
function bearerAuth(parts: EdgeParts) {
  return async (context: { operation: { operationId?: string } }, exchange: Exchange): Promise<Principal> => {
    const id = context.operation.operationId as OperationId;
    enter(exchange, id, operations[id]);
    const result = await principalOf(parts, exchange);
    if (typeof result !== 'string') {
      exchange.principal = result;
      return result;
    }
    tellStanding(exchange.headers, await parts.rateLimits.addresses.take(exchange.clientAddress));
    throw refused(result);
  };
}

/** By header; where the contract takes a ticket, and there is no header, by that. */
function principalOf(parts: EdgeParts, exchange: Exchange): Promise<Principal | Refusal> {
  const { authorization } = exchange.request.headers;
  const facts = (operations as Table)[exchange.operationId];
  const ticket =
    authorization === undefined && facts?.ticket ? parseQuery(exchange.rawQuery, facts.query).values.ticket : undefined;
  if (typeof ticket === 'string') return parts.redeemTicket(ticket);
  return parts.authenticator.authenticate(authorization);
}

/** Each surface has its own manner to tell what went wrong. */
function answerOfProblem(exchange: Exchange, error: unknown): ProblemAnswer {
  const surface = surfaceOf(exchange.path);
  if (surface === 'v3') return v3ProblemAnswer(error, exchange.principal !== null);
  return surface === 'uaa' ? oauthProblemAnswer(error) : problemAnswer(error, exchange.requestId);
}

function sendProblem(exchange: Exchange, error: unknown): void {
  const { response } = exchange;
  const problem = answerOfProblem(exchange, error);
  if (problem.defect || isUnavailable(error)) exchange.defect = error;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  closeWhenDraining(exchange);
  const { headers } = exchange;
  Object.assign(headers, problem.headers);
  headers['Cache-Control'] = 'no-store';
  headers['Content-Type'] = 'application/json; charset=utf-8';
  headers['Content-Length'] = Buffer.byteLength(problem.body);
  if (surfaceOf(exchange.path) === 'v3') rateHeadersOfV3(headers, new Date());
  response.writeHead(problem.status, headers);
  response.end(problem.body);
}
