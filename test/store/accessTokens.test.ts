import { uuidv7 } from 'uuidv7';
import { sweepExpired } from '../../src/jobs/sweepExpired';
import { user } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { askByPassword, askByRefresh, claimsOf } from '../support/tokenService';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test('the sweep takes refresh tokens with their expired login, and what was revoked once it has expired anyway', async () => {
  const [gone, alive] = await Promise.all(
    [await user(portolan), await user(portolan)].map(async ({ email }) => (await askByPassword(portolan, email)).body),
  );
  const next = (await askByRefresh(portolan, alive.refresh_token)).body;
  await portolan.sql("update logins set expires_at = now() - interval '1 second' where id = $1", [
    claimsOf(gone.access_token).sid,
  ]);
  const [old, young] = [uuidv7(), uuidv7()];
  await portolan.sql(
    `insert into revoked_access_tokens (id, expires_at)
     values ($1, now() - interval '1 second'), ($2, now() + interval '1 minute')`,
    [old, young],
  );
  expect(await sweepExpired(portolan.context.database, portolan.context.liveSettings.current())).toMatchObject({
    logins: 1,
    revoked_access_tokens: 1,
  });
  const kept = await portolan.sql('select login_id, used_at is not null as used from refresh_tokens order by created_at');
  const loginId = claimsOf(next.access_token).sid;
  expect(kept).toEqual([
    { login_id: loginId, used: true },
    { login_id: loginId, used: false },
  ]);
  expect(await portolan.sql('select id from revoked_access_tokens')).toEqual([{ id: young }]);
});
