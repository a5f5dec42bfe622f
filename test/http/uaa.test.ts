import { Writable } from 'node:stream';
import pino from 'pino';
import type { OperationId } from '../../generated/operations';
import { Problem } from '../../src/domain/errors';
import { handlers } from '../../src/operations';
import { factsOf, operationIds } from '../support/contract';
import { token, user, userPassword } from '../support/fixtures';
import { type Answered, type Call, type Portolan, startPortolan } from '../support/portolan';
import { askByApiToken, askByPassword, askByRefresh, formType } from '../support/tokenService';

/** What every operation of the token service answers in the same way. */

const ids = operationIds.filter((id) => factsOf(id).surface === 'uaa');
const error = ({ status, body }: Answered) => [status, body.error];

/** A request that gets as far as the handler. */
const wellFormed = (id: OperationId): Call =>
  id === 'createOauthToken' ? { body: 'grant_type=password', headers: { 'content-type': formType } } : { path: { jti: 'x' } };

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test('has its operations', () => {
  expect(ids).toEqual(['getLoginPrompts', 'createOauthToken', 'getTokenKeys', 'revokeOauthToken']);
});

describe('404', () => {
  test.each([
    ['GET', '/uaa'],
    ['GET', '/uaa/'],
    ['GET', '/uaa/nothing'],
    ['POST', '/uaa/login'],
    ['GET', '/uaa/oauth/token'],
    ['GET', '/uaa/oauth/token/revoke/x'],
    ['DELETE', '/uaa/oauth/token'],
  ])('%s %s: not_found', async (method, path) => {
    const answer = await portolan.send(method, path, { token: null });
    expect([answer.status, answer.body]).toEqual([404, { error: 'not_found', error_description: expect.any(String) }]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('the paths around it keep their own manner', async () => {
    expect((await portolan.send('GET', '/uaax')).body.code).toBe('NOT_FOUND');
    expect((await portolan.send('GET', '/api/uaa')).body.code).toBe('NOT_FOUND');
  });
});

describe('429', () => {
  let starved: Portolan;
  beforeAll(async () => {
    starved = await startPortolan({ RATE_LIMIT_PRINCIPAL: '1', RATE_LIMIT_ADDRESS: '1' });
    // Starting has signed in, and emptied the bucket of the address.
  });
  afterAll(() => starved.close());

  test.each(ids)('%s: too_many_requests when the bucket is empty', async (id) => {
    const answer = await starved.call(id, { ...wellFormed(id), token: null });
    expect(error(answer)).toEqual([429, 'too_many_requests']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.headers['ratelimit-remaining']).toBe('0');
  });
});

describe('500 and 503', () => {
  let log = '';
  let thrown: unknown;
  let broken: Portolan;
  let bearer: string;
  beforeAll(async () => {
    const sink = new Writable({
      write(chunk, _, done) {
        log += chunk;
        done();
      },
    });
    const fail = async () => {
      throw thrown;
    };
    const failing = { ...handlers, ...Object.fromEntries(ids.map((id) => [id, fail])) };
    broken = await startPortolan({}, { log: pino(sink), parts: () => ({ handlers: failing }) });
    bearer = (await token(broken)).token;
  });
  afterAll(() => broken.close());
  const call = (id: OperationId) => broken.call(id, { ...wellFormed(id), token: factsOf(id).role === 'public' ? null : bearer });

  test.each(ids)('%s: server_error, and what went wrong is in the log alone', async (id) => {
    thrown = new Error(`canary-${id}`);
    const answer = await call(id);
    expect(error(answer)).toEqual([500, 'server_error']);
    expect(answer.text).not.toContain('canary');
    expect(log).toContain(`canary-${id}`);
  });

  test.each(ids)('%s: temporarily_unavailable', async (id) => {
    thrown = new Problem('unavailable', { message: 'The database does not answer.', retryAfterSeconds: 1 });
    const answer = await call(id);
    expect([...error(answer), answer.headers['retry-after']]).toEqual([503, 'temporarily_unavailable', '1']);
  });
});

test('no secret is in the log', async () => {
  let log = '';
  const sink = new Writable({
    write(chunk, _, done) {
      log += chunk;
      done();
    },
  });
  const talkative = await startPortolan({ LOG_LEVEL: 'trace' }, { log: pino({ level: 'trace' }, sink) });
  try {
    const { email } = await user(talkative);
    const api = await token(talkative);
    const first = (await askByPassword(talkative, email)).body;
    const second = (await askByRefresh(talkative, first.refresh_token)).body;
    const third = (await askByApiToken(talkative, api.tokenId, api.token)).body;
    await askByPassword(talkative, email, 'canary-password');
    await askByRefresh(talkative, first.refresh_token);
    await talkative.call('revokeOauthToken', { token: third.access_token, path: { jti: third.jti } });
    const secrets = [first, second, third].flatMap((one) => [one.access_token, one.refresh_token ?? one.access_token]);
    expect(log).toContain('createOauthToken');
    for (const secret of [...secrets, api.token, userPassword, 'canary-password']) expect(log).not.toContain(secret);
  } finally {
    await talkative.close();
  }
});
