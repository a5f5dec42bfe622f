import { Agent, request } from 'undici';
import { factsOf, operationIds } from '../support/contract';
import { type Arrived, startEcho } from '../support/gateways/echo';
import { describeWith, type StartedGateway } from '../support/gateways/programs';
import { type RunningGateway, startGateway } from '../support/gateways/running';

/** Every operation as the gateway itself sees it: by the name that it logs, and by what arrives behind it. */

const ids = operationIds.filter((id) => !factsOf(id).listener);
const methodsOf = (id: (typeof ids)[number]) => {
  const method = factsOf(id).method.toUpperCase();
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
};

/** A path of an operation with a value in the place of each parameter. */
const pathOf = (id: (typeof ids)[number], value: string) => factsOf(id).path.replace(/\{\w+\}/g, value);

const spellings: [name: string, (path: string) => string][] = [
  ['as in the contract', (path) => path],
  ['with doubled slashes', (path) => `/${path.replaceAll('/', '//')}`],
  ['with a slash at its end', (path) => `${path}/`],
  ['with a query', (path) => `${path}?q=a%2Fb&x=/api/auth/login?`],
];

for (const gateway of ['nginx', 'envoy'] as const satisfies readonly StartedGateway[]) {
  describeWith(gateway, `${gateway} knows`, () => {
    let echo: Awaited<ReturnType<typeof startEcho>>;
    let running: RunningGateway;
    const agent = new Agent({ connections: 8 });
    let counter = 0;
    beforeAll(async () => {
      echo = await startEcho();
      running = await startGateway(gateway, echo.url, { 'rate-limit-address': 'off', 'rate-limit-principal': 'off' });
    });
    afterAll(async () => {
      await agent.close();
      await running.close();
      await echo.close();
    });

    /** Sends a request; gives what the gateway called it, and what arrived. */
    async function sent(
      method: string,
      path: string,
    ): Promise<{ operation: unknown; arrived: Arrived | undefined; status: number }> {
      const requestId = `route-${++counter}`;
      const { body, statusCode } = await request(running.url + path, {
        method: method as 'GET',
        dispatcher: agent,
        headers: { 'x-request-id': requestId },
      });
      await body.dump();
      const { operation } = await running.logged(requestId);
      // Others come too: the gateway looks whether the service is there.
      const arrived = echo.arrived.find(({ headers }) => headers['x-request-id'] === requestId);
      return { operation, arrived, status: statusCode };
    }

    test.each(ids)('%s, however its path is written', async (id) => {
      for (const method of methodsOf(id)) {
        for (const [, spell] of spellings) {
          const path = spell(pathOf(id, 'acme%2Fshop%20%C3%BC'));
          const { operation, arrived, status } = await sent(method, path);
          expect({ path, operation, status, method: arrived?.method, url: arrived?.url }).toEqual({
            path,
            operation: id,
            status: 200,
            method,
            url: path,
          });
        }
      }
    });

    test.each([
      ['GET', '/api/nothing'],
      ['GET', '/apiadmin'],
      ['DELETE', '/api/users'],
      ['GET', '/api/settings/service-types/x/commands/reorder'],
      ['OPTIONS', '/api/users'],
      ['GET', '/api/users/a/b/c'],
      ['GET', '/Api/auth/me'],
      ['PROPFIND', '/api/users'],
    ])('no operation in %s %s, and hands it on', async (method, path) => {
      const { operation, arrived } = await sent(method, path);
      expect([operation, arrived?.method, arrived?.url]).toEqual(['unknown', method, path]);
    });

    test.each(['/metrics', '//metrics/', '/metrics?x=1'])('that %s is nowhere, and keeps it', async (path) => {
      const { arrived, status } = await sent('GET', path);
      expect([status, arrived]).toEqual([404, undefined]);
    });
  });
}
