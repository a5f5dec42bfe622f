import fc from 'fast-check';
import { OpenAPIRouter } from 'openapi-backend/router';
import { operations } from '../../generated/operations';
import { OnePassBackend, RadixRouter, routingDocument } from '../../src/http/backend';
import type { OperationFacts } from '../../src/http/operationFacts';
import { operationIds } from '../support/contract';

/** Our router answers as the stock one of openapi-backend does, save for the differences that are named here. */

const document = routingDocument(operations);
const stock = new OpenAPIRouter({ definition: document as never, ignoreTrailingSlashes: true });
const radix = new RadixRouter(document);

/** The operationId, or the kind of refusal. */
function outcome(router: OpenAPIRouter, method: string, path: string): string {
  try {
    return router.matchOperation({ method, path, headers: {} }, true).operationId as string;
  } catch (error) {
    return (error as Error).message.split(':')[0] as string;
  }
}
const both = (method: string, path: string) => [outcome(stock, method, path), outcome(radix, method, path)];

const words = [
  '01920000-0000-7000-8000-000000000001',
  'example',
  'reorder',
  'commands',
  'registries',
  'me',
  '0',
  '-',
  '_',
  '~',
  '.x',
  'a.b',
  'a:b',
  'a;b=c',
  'a,b',
  '*',
  '**',
  ':id',
  '{id}',
  '(x)',
  '[y]',
  '$',
  '!',
  "'",
  '@',
  '&',
  '=',
  '+',
  '%20',
  '%2F',
  '%2f%2f',
  'a%2Fb',
  '%00',
  '%3F',
  '%25',
  '%C3%A9',
  'constructor',
  '__proto__',
  'é',
  '名',
];
const word = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~!$&()*+,;=:@'), minLength: 1, maxLength: 12 }),
);
const method = fc.constantFrom(
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'get',
  'Post',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  '',
);

const template = fc.constantFrom(...operationIds).map((id): OperationFacts => operations[id]);
const filled = fc.tuple(template, fc.array(word, { minLength: 3, maxLength: 3 })).map(([{ path, method: own }, values]) => {
  let next = 0;
  return { path: path.replace(/\{\w+\}/g, () => values[next++] as string), own };
});

const deeds: ((parts: string[], at: number, other: string) => string[])[] = [
  (parts) => parts,
  (parts, at) => parts.filter((_, index) => index !== at),
  (parts, at, other) => parts.toSpliced(at, 0, other),
  (parts, at, other) => parts.with(at, other),
  (parts, at) => parts.with(at, (parts[at] as string).toUpperCase()),
  (parts, at) => parts.with(at, `${parts[at]}x`),
  (parts, at) => parts.with(at, (parts[at] as string).slice(1)),
  (parts) => parts.slice(0, -1),
  (parts, _at, other) => [...parts, other],
  (parts) => parts.toReversed(),
];
const mutated = fc
  .tuple(filled, fc.nat(), fc.nat(), word, fc.constantFrom('', '/', '//', '?x=1', '/?x=/y', '?'))
  .map(([{ path, own }, deed, at, other, end]) => {
    const parts = path.split('/').slice(1);
    const changed = (deeds[deed % deeds.length] as (typeof deeds)[number])(parts, at % parts.length, other).filter(
      (part) => part !== '',
    );
    return { path: `/${changed.join('/')}${end}`, own };
  });

/** A path that one template has to the letter and another one with a parameter. */
const alsoConcrete = (path: string) => /\/commands\/+reorder\/*(\?|$)/.test(path);

/** `%A9` alone is no UTF-8: what a cut encoding leaves. */
function isBroken(path: string): boolean {
  try {
    decodeURIComponent(path);
    return false;
  } catch {
    return true;
  }
}
/** Differences that are meant have their own tests. */
const isMeant = (path: string) => alsoConcrete(path) || isBroken(path);

describe('both routers find the same', () => {
  test.each(operationIds)('%s at its own path and method', (id) => {
    const { path, method: own } = operations[id];
    const known = path.replace(/\{\w+\}/g, '01920000-0000-7000-8000-000000000001');
    expect(both(own, known)).toEqual([id, id]);
    expect(both(own.toUpperCase(), `${known}/`)).toEqual([id, id]);
  });

  test('for every word in the place of an id', () => {
    fc.assert(
      fc.property(filled, ({ path, own }) => {
        fc.pre(!isMeant(path));
        const [expected, found] = both(own, path);
        expect([path, found]).toEqual([path, expected]);
      }),
      { numRuns: 500 },
    );
  });

  test('for changed paths and other methods', () => {
    fc.assert(
      fc.property(mutated, method, fc.boolean(), ({ path, own }, other, keep) => {
        fc.pre(!isMeant(path));
        const asked = keep ? own : other;
        const [expected, found] = both(asked, path);
        expect([asked, path, found]).toEqual([asked, path, expected]);
      }),
      { numRuns: 1000 },
    );
  });

  test('of what they are asked by name', () => {
    for (const id of operationIds) expect(radix.getOperation(id)).toEqual(stock.getOperation(id));
    expect(radix.getOperation('constructor')).toBeUndefined();
    expect(radix.getOperations()).toEqual(stock.getOperations());
  });
});

describe('meant differences', () => {
  const id = '01920000-0000-7000-8000-000000000001';
  test.each([
    ['a doubled slash is one', 'GET', `//api//registries/${id}`, '404-notFound', 'getRegistry'],
    ['an encoded letter of a fixed word is that letter', 'GET', '/api/%61uth/me', '404-notFound', 'getCurrentPrincipal'],
    [
      'a broken percent-encoding is found nowhere, instead of failing later',
      'GET',
      '/api/registries/%zz',
      'getRegistry',
      '404-notFound',
    ],
    [
      'an id of more than 4096 characters is found nowhere',
      'GET',
      `/api/registries/${'x'.repeat(4097)}`,
      'getRegistry',
      '404-notFound',
    ],
    [
      'a concrete path is not also a templated one',
      'GET',
      `/api/settings/service-types/${id}/commands/reorder`,
      'getServiceTypeCommand',
      '405-methodNotAllowed',
    ],
    ['a fragment, which no client should send, is cut off', 'GET', '/health#x', '404-notFound', 'getHealth'],
  ])('%s', (_what, asked, path, stockOutcome, ourOutcome) => {
    expect(both(asked, path)).toEqual([stockOutcome, ourOutcome]);
  });

  test('path parameters are decoded once', () => {
    expect(radix.find('GET', '/api/registries/a%2Fb%20c%2541')?.params).toEqual({ id: 'a/b c%41' });
  });
});

describe('a wrong set-up is refused at the start', () => {
  const table: Record<string, OperationFacts> = {
    getHealth: operations.getHealth,
    getCurrentPrincipal: operations.getCurrentPrincipal,
  };
  const handler = async () => 'done';
  const hooks = {
    notFound: handler,
    methodNotAllowed: handler,
    unauthorizedHandler: handler,
    notImplemented: handler,
    validationFail: handler,
  };
  const complete = { getHealth: handler, getCurrentPrincipal: handler, ...hooks };
  const start = async (handlers: object, security: object = { bearerAuth: handler }) =>
    new OnePassBackend(table, handlers as never, security as never).init();

  test('a complete one is taken', async () => {
    await expect(start(complete)).resolves.toBeDefined();
  });

  test.each(Object.keys(hooks))('without the hook %s', async (hook) => {
    await expect(start({ ...complete, [hook]: undefined })).rejects.toThrow(`the hook ${hook} is not set`);
  });

  test.each(Object.keys(table))('without a handler for %s', async (id) => {
    await expect(start({ ...complete, [id]: undefined })).rejects.toThrow(`${id} has no handler`);
  });

  test('with a handler for an operation that is not there', async () => {
    await expect(start({ ...complete, getNothing: handler })).rejects.toThrow('getNothing');
  });

  test('with a scheme that the contract does not know', async () => {
    await expect(start(complete, { bearerAuth: handler, basicAuth: handler })).rejects.toThrow(
      'unknown security scheme basicAuth',
    );
  });
});

describe('one pass', () => {
  const calls: string[] = [];
  const told = (name: string, result?: unknown) => async () => (calls.push(name), result);
  const table = { getHealth: operations.getHealth, getCurrentPrincipal: operations.getCurrentPrincipal };
  const handlers = Object.fromEntries(
    [
      'getHealth',
      'getCurrentPrincipal',
      'notFound',
      'methodNotAllowed',
      'unauthorizedHandler',
      'notImplemented',
      'validationFail',
    ].map((name) => [name, told(name, name)]),
  );
  const ask = async (verdict: () => Promise<unknown>, asked: string, path: string) => {
    calls.length = 0;
    const bearerAuth = async () => (calls.push('bearerAuth'), verdict());
    const backend = await new OnePassBackend(table, handlers as never, { bearerAuth } as never).init();
    return backend.handleRequest({ method: asked, path, headers: {} });
  };
  const yes = async () => ({ id: 'somebody' });

  test('asks for the credential before the handler, and only where one is needed', async () => {
    expect([await ask(yes, 'GET', '/api/auth/me'), calls]).toEqual([
      'getCurrentPrincipal',
      ['bearerAuth', 'getCurrentPrincipal'],
    ]);
    expect([await ask(yes, 'GET', '/health'), calls]).toEqual(['getHealth', ['getHealth']]);
  });

  test('looks for the path before the credential', async () => {
    expect([await ask(yes, 'GET', '/nowhere'), calls]).toEqual(['notFound', ['notFound']]);
    expect([await ask(yes, 'DELETE', '/api/auth/me'), calls]).toEqual(['methodNotAllowed', ['methodNotAllowed']]);
  });

  test.each([undefined, null, false, 0, ''])('takes %j for no credential', async (verdict) => {
    expect([await ask(async () => verdict, 'GET', '/api/auth/me'), calls]).toEqual([
      'unauthorizedHandler',
      ['bearerAuth', 'unauthorizedHandler'],
    ]);
  });

  test('hands on what the look for a credential throws: an outage is no refusal', async () => {
    const outage = new Error('away');
    await expect(ask(() => Promise.reject(outage), 'GET', '/api/auth/me')).rejects.toBe(outage);
    expect(calls).toEqual(['bearerAuth']);
  });
});
