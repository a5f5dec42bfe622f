import { createPortolan } from '../../src/client';
import { answerJson, type ClientServer, startClientServer } from '../support/clientServer';

/** Takes `good` and nothing else. */
let server: ClientServer;
beforeEach(async () => {
  server = await startClientServer((sent, response) => {
    if (sent.url === '/api/auth/login') return answerJson(response, 200, { token: 'good' });
    if (sent.headers.authorization === 'Bearer good') return answerJson(response, 200, { principal: {} });
    answerJson(response, 401, { code: 'UNAUTHORIZED', message: 'No.', requestId: 'req_1' });
  });
});
afterEach(() => server.close());

const asking = (...tokens: string[]) => {
  const source = jest.fn(async () => (tokens.length > 1 ? (tokens.shift() as string) : (tokens[0] as string)));
  return { source, portolan: createPortolan({ url: server.url, token: source }) };
};

describe('a function that gives tokens', () => {
  test('is not asked before there is need, and once for many calls', async () => {
    const { source, portolan } = asking('good');
    expect(source).not.toHaveBeenCalled();
    await Promise.all([1, 2, 3].map(() => portolan.call.getCurrentPrincipal()));
    await portolan.call.getCurrentPrincipal();
    expect(source).toHaveBeenCalledTimes(1);
  });

  test('is asked again once when its token is refused', async () => {
    const { source, portolan } = asking('old', 'good');
    await portolan.call.getCurrentPrincipal();
    expect(source).toHaveBeenCalledTimes(2);
    expect(server.sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer good']);
  });

  test('is asked again together by calls that are refused together', async () => {
    const { source, portolan } = asking('old', 'good');
    await Promise.all([1, 2, 3, 4].map(() => portolan.call.getCurrentPrincipal()));
    expect(source).toHaveBeenCalledTimes(2);
  });

  test('is not asked a third time', async () => {
    const { source, portolan } = asking('old');
    await expect(portolan.call.getCurrentPrincipal()).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect([source.mock.calls.length, server.sent.length]).toEqual([2, 2]);
  });

  test('may log in with the same client', async () => {
    const portolan = createPortolan({
      url: server.url,
      token: async () => (await portolan.call.login({ body: { email: 'a@b.c', password: 'x' } })).token,
    });
    await portolan.call.getCurrentPrincipal();
    expect(server.sent.map(({ url }) => url)).toEqual(['/api/auth/login', '/api/auth/me']);
  });

  test('that fails is heard as it is, and asked anew by the next call', async () => {
    const source = jest.fn().mockRejectedValueOnce(new Error('vault is sealed')).mockResolvedValue('good');
    const portolan = createPortolan({ url: server.url, token: source });
    await expect(portolan.call.getCurrentPrincipal()).rejects.toThrow('vault is sealed');
    await portolan.call.getCurrentPrincipal();
  });
});

describe('a token', () => {
  test('that is refused is sent once', async () => {
    const portolan = createPortolan({ url: server.url, token: 'old' });
    await expect(portolan.call.getCurrentPrincipal()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(server.sent).toHaveLength(1);
  });

  test('that is missing sends no header', async () => {
    await expect(createPortolan({ url: server.url }).call.getCurrentPrincipal()).rejects.toMatchObject({ status: 401 });
    expect(server.sent[0]?.headers.authorization).toBeUndefined();
  });
});
