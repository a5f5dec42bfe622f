import FindMyWay from 'find-my-way';
import { type Context, type Handler, OpenAPIBackend, type Request } from 'openapi-backend';
import { OpenAPIRouter, type Operation } from 'openapi-backend/router';
import type { OperationFacts } from './operationFacts';

/**
 * openapi-backend as it is meant, made quick: its router rebuilds the list of operations at every match and its
 * pipeline parses each request three times. Here the operations are built once, matched by a radix tree, and one pass
 * goes through route, credential and handler. Hooks and their order are those of the stock class;
 * test/http/backend.test.ts sends the same requests to both.
 */

type Table = Readonly<Record<string, OperationFacts>>;

/** What a match finds: the operation and the decoded path parameters. */
export interface Match {
  operation: Operation;
  params: Record<string, string>;
}

/** The contract cut down to what routing and security need. */
export function routingDocument(table: Table) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, { path, method, role }] of Object.entries(table)) {
    paths[path] = {
      ...paths[path],
      [method]: { operationId, security: role === 'public' ? [] : [{ bearerAuth: [] }], responses: {} },
    };
  }
  return {
    openapi: '3.1.0' as const,
    info: { title: 'Portolan', version: '0' },
    paths,
    components: { securitySchemes: { bearerAuth: { type: 'http' as const, scheme: 'bearer' } } },
  };
}

/** The stock router's questions, answered by a radix tree. */
export class RadixRouter extends OpenAPIRouter {
  private readonly built: Operation[];
  private readonly byId: Map<string, Operation>;
  private readonly tree = FindMyWay({ caseSensitive: true, maxParamLength: 4096 });

  constructor(definition: ReturnType<typeof routingDocument>) {
    super({ definition: definition as never, ignoreTrailingSlashes: true });
    this.built = super.getOperations();
    this.byId = new Map(this.built.map((operation) => [operation.operationId ?? '', operation]));
    for (const operation of this.built) {
      const path = operation.path.replace(/\{([^}]+)\}/g, ':$1');
      this.tree.on(operation.method.toUpperCase() as never, path, () => {}, operation);
    }
    for (const [method, path] of hiddenOperations(this.built)) {
      this.tree.on(method.toUpperCase() as never, path.replace(/\{([^}]+)\}/g, ':$1'), () => {}, null);
    }
  }

  override getOperations(): Operation[] {
    return this.built;
  }

  override getOperation(operationId: string): Operation | undefined {
    return this.byId.get(operationId);
  }

  /** The operation at a path without query, in any spelling of slashes; undefined when there is none. */
  find(method: string, path: string): Match | undefined {
    const found = this.tree.find(method as never, plainPath(path));
    return found?.store ? { operation: found.store as Operation, params: found.params as Record<string, string> } : undefined;
  }

  /** Methods that a path knows. */
  methodsAt(path: string): string[] {
    return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => this.find(method, path));
  }

  override matchOperation(request: Request, strict?: boolean): Operation {
    const path = request.path.split('?')[0] ?? '/';
    const match = this.find(request.method.toUpperCase(), path);
    if (!match && strict) {
      throw new Error(
        this.methodsAt(path).length > 0
          ? '405-methodNotAllowed: this method is not registered for the route'
          : '404-notFound: no route matches request',
      );
    }
    return match?.operation as Operation;
  }
}

/**
 * Methods that a path does not know although a more general one does: `commands/reorder` takes PUT, and is no
 * `commands/{commandId}` to GET.
 */
function hiddenOperations(operations: readonly Operation[]): [method: string, path: string][] {
  const paths = [...new Set(operations.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const own = operations.filter((operation) => operation.path === path).map(({ method }) => method);
    const wider = operations.filter((operation) => isWider(operation.path, path));
    return [...new Set(wider.map(({ method }) => method))]
      .filter((method) => !own.includes(method))
      .map((method): [string, string] => [method, path]);
  });
}

/** Whether `general` has a parameter where `path` has a word, and is the same elsewhere. */
function isWider(general: string, path: string): boolean {
  const [wide, narrow] = [general.split('/'), path.split('/')];
  const isParameter = (part: string | undefined) => part?.startsWith('{') === true;
  if (general === path || wide.length !== narrow.length) return false;
  return (
    wide.every((part, index) => part === narrow[index] || isParameter(part)) &&
    wide.some((part, index) => isParameter(part) && !isParameter(narrow[index]))
  );
}

/** Doubled and trailing slashes mean nothing. */
function plainPath(path: string): string {
  if (!path.includes('//') && !(path.length > 1 && path.endsWith('/'))) return path;
  const plain = path.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  return plain === '' ? '/' : plain;
}

export class OnePassBackend extends OpenAPIBackend {
  private readonly radix: RadixRouter;

  constructor(table: Table, handlers: Record<string, Handler>, securityHandlers: Record<string, Handler>) {
    const definition = routingDocument(table);
    super({ definition: definition as never, quick: true, strict: true, validate: false, handlers, securityHandlers });
    this.radix = new RadixRouter(definition);
    for (const hook of ['notFound', 'methodNotAllowed', 'unauthorizedHandler', 'notImplemented', 'validationFail']) {
      if (!handlers[hook]) throw new Error(`openapi-backend: the hook ${hook} is not set`);
    }
    for (const id of Object.keys(table)) if (!handlers[id]) throw new Error(`openapi-backend: ${id} has no handler`);
  }

  /** Registers handlers and hooks under the strict rules of the stock class: an unknown operationId is refused. */
  override async init(): Promise<this> {
    this.router = this.radix;
    this.initialized = true;
    this.register(this.handlers as never);
    for (const [name, handler] of Object.entries(this.securityHandlers)) {
      if (!this.inputDocumentHas(name)) throw new Error(`openapi-backend: unknown security scheme ${name}`);
      this.securityHandlers[name] = handler;
    }
    return this;
  }

  private inputDocumentHas(scheme: string): boolean {
    return Object.hasOwn(routingDocument({}).components.securitySchemes, scheme);
  }

  /**
   * Route, credential, handler. A security handler that throws is passed on as it is: a database that is away is a 503,
   * not a refused credential.
   */
  override async handleRequest(request: Request, ...args: unknown[]): Promise<unknown> {
    const match = this.radix.find(request.method, request.path);
    const context = { api: this, request, operation: match?.operation } as unknown as Context;
    if (!match) {
      const known = this.radix.methodsAt(request.path).length > 0;
      return this.handlers[known ? 'methodNotAllowed' : 'notFound']?.(context, ...args);
    }
    (context.request as { params: unknown }).params = match.params;
    if (match.operation.security && match.operation.security.length > 0) {
      const result = await this.securityHandlers.bearerAuth?.(context, ...args);
      context.security = { bearerAuth: result, authorized: Boolean(result) };
      if (!result) return this.handlers.unauthorizedHandler?.(context, ...args);
    }
    const handler = this.handlers[match.operation.operationId as string] ?? this.handlers.notImplemented;
    return handler?.(context, ...args);
  }
}
