import { createPortolan, PortolanError } from '../../src/client';
import { answerJson, type ClientServer, type Reply, startClientServer } from '../support/clientServer';

let server: ClientServer;
afterEach(() => server.close());

async function failure(reply: Reply): Promise<PortolanError> {
  server = await startClientServer(reply);
  const portolan = createPortolan({ url: server.url, retries: false });
  const error = await portolan.call.getRegistry({ path: { id: 'r1' } }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PortolanError);
  expect(error).toBeInstanceOf(Error);
  return error as PortolanError;
}

describe('an answer that is no success becomes a PortolanError', () => {
  test('with all that /api says', async () => {
    const details = [{ in: 'body', field: 'name', code: 'required', message: 'Missing.' }];
    const problem = {
      code: 'VALIDATION_ERROR',
      message: 'Missing.',
      field: 'name',
      hint: 'Send it.',
      requestId: 'req_1',
      details,
    };
    expect(await failure((_, response) => answerJson(response, 400, problem, { 'Retry-After': '2' }))).toMatchObject({
      ...problem,
      name: 'PortolanError',
      status: 400,
      retryAfterMs: 2000,
      operationId: 'getRegistry',
    });
  });

  test.each([
    [401, 1000, 'CF-InvalidAuthToken', 'UNAUTHORIZED'],
    [404, 10010, 'CF-ResourceNotFound', 'NOT_FOUND'],
    [422, 10008, 'CF-UnprocessableEntity', 'VALIDATION_ERROR'],
    [422, 10016, 'CF-UniquenessError', 'CONFLICT'],
    [429, 10013, 'CF-RateLimitExceeded', 'RATE_LIMITED'],
    [503, 10015, 'CF-ServiceUnavailable', 'SERVICE_UNAVAILABLE'],
  ])('of /v3: %i %i %s is %s', async (status, number, title, code) => {
    const body = { errors: [{ code: number, title, detail: 'That is wrong' }] };
    const error = await failure((_, response) => answerJson(response, status, body, { 'X-Request-Id': 'req_3' }));
    expect(error).toMatchObject({ code, status, message: 'That is wrong', requestId: 'req_3', details: body });
    expect([error.field, error.hint]).toEqual([undefined, undefined]);
  });

  test.each([
    [400, 'invalid_request', 'VALIDATION_ERROR'],
    [401, 'invalid_client', 'UNAUTHORIZED'],
    [429, 'too_many_requests', 'RATE_LIMITED'],
  ])('of the token service: %i %s is %s', async (status, word, code) => {
    const body = { error: word, error_description: 'Bad credentials' };
    const error = await failure((_, response) => answerJson(response, status, body));
    expect(error).toMatchObject({ code, status, message: 'Bad credentials', details: body });
  });

  test('of a proxy that answers in HTML', async () => {
    const error = await failure((_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway'));
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: 502, hint: expect.stringContaining('proxy') });
  });

  test('of whoever sends elsewhere: nobody is followed', async () => {
    const error = await failure((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    expect(error).toMatchObject({ code: 'BAD_RESPONSE', status: 307, hint: expect.stringContaining('https') });
    expect(server.sent).toHaveLength(1);
  });

  test('304', async () => {
    expect(await failure((_, response) => response.writeHead(304).end())).toMatchObject({ code: 'NOT_MODIFIED', status: 304 });
  });
});

test('a success that is no JSON is a BAD_RESPONSE', async () => {
  const error = await failure((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
  expect(error).toMatchObject({ code: 'BAD_RESPONSE', operationId: 'getRegistry' });
});

test('whoever takes the whole answer hears of a failure once', async () => {
  const unheard = jest.fn();
  process.on('unhandledRejection', unheard);
  server = await startClientServer((_, response) =>
    answerJson(response, 404, { code: 'NOT_FOUND', message: 'No.', requestId: 'r' }),
  );
  const call = createPortolan({ url: server.url }).call.getRegistry({ path: { id: 'r1' } });
  await expect(call.withResponse()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unheard);
  expect(unheard).not.toHaveBeenCalled();
});
