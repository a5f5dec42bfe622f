import { createLocalJWKSet, jwtVerify } from 'jose';
import { user } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { askByPassword } from '../../../support/tokenService';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('holds the public half of each key, and nothing else of it', async () => {
    const answer = await portolan.call('getTokenKeys');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const rows = await portolan.sql('select id, public_jwk from signing_keys order by created_at desc, id desc');
    expect(answer.body.keys).toEqual(
      rows.map(({ id, public_jwk: { x, y } }) => ({ kid: id, alg: 'ES256', use: 'sig', kty: 'EC', crv: 'P-256', x, y })),
    );
    expect(answer.body.keys.length).toBeGreaterThan(0);
  });

  test('verifies access tokens for whoever has only that', async () => {
    const { access_token } = (await askByPassword(portolan, (await user(portolan)).email)).body;
    const keys = createLocalJWKSet((await portolan.call('getTokenKeys')).body);
    const options = { issuer: 'portolan', audience: 'cloud_controller', algorithms: ['ES256'] };
    await expect(jwtVerify(access_token, keys, options)).resolves.toMatchObject({ payload: { origin: 'portolan' } });
    const changed = access_token.replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"x"}').toString('base64url')}.`);
    await expect(jwtVerify(changed, keys, options)).rejects.toThrow('signature');
  });

  test('holds the new key and the old one after a rotation, and tokens of both are good', async () => {
    const { email } = await user(portolan);
    const before = (await askByPassword(portolan, email)).body.access_token;
    await portolan.sql("update signing_keys set created_at = now() - interval '90 days 1 hour'");
    await portolan.context.loginTokens.rotate();
    const after = (await askByPassword(portolan, email)).body.access_token;
    const keys = createLocalJWKSet((await portolan.call('getTokenKeys')).body);
    const [old, young] = [await jwtVerify(before, keys), await jwtVerify(after, keys)];
    expect(old.protectedHeader.kid).not.toBe(young.protectedHeader.kid);
    for (const token of [before, after]) expect((await portolan.call('getCurrentPrincipal', { token })).status).toBe(200);
  });
});
