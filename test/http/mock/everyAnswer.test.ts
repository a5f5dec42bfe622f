import { declaredStatuses, factsOf, operationIds, responseOf } from '../../support/contract';
import { type Mock, startMock } from '../../support/mock';
import { expectContract } from '../../support/portolan';

/** Whatever the mock answers, the contract describes: every operation, each of its statuses. */

const served = operationIds.filter((id) => factsOf(id).listener === undefined);

let mock: Mock;
beforeAll(async () => {
  mock = await startMock();
});
afterAll(() => mock.close());

test.each(served)('%s answers its success, and each status that it declares for Prefer: code', async (id) => {
  const statuses = declaredStatuses(id);
  const usual = await mock.call(id);
  // Some operations of /v3 refuse whatever they are asked.
  const success = statuses.includes(String(factsOf(id).success)) ? factsOf(id).success : 422;
  expect([usual.status, usual.status === success ? '' : usual.text]).toEqual([success, '']);
  expectContract(id, usual);
  for (const status of statuses) {
    const answer = await mock.call(id, { prefer: `code=${status}` });
    expect([answer.status, answer.headers['preference-applied']]).toEqual([Number(status), `code=${status}`]);
    expectContract(id, answer);
    if (answer.body.requestId) expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
  }
});

const creations = served.filter((id) => responseOf(id, 201)?.headers?.Location);
/** Its tokens are shown in lists only. */
const unread = ['createApiToken'];
test.each(creations.filter((id) => !unread.includes(id)))('%s names a place where the mock has the object', async (id) => {
  const { headers } = await mock.call(id);
  expect([headers.location, (await mock.send('GET', String(headers.location))).status]).toEqual([headers.location, 200]);
});

const queued = served.filter((id) => responseOf(id, 202)?.headers?.Location);
test.each(queued)('%s names the work that it handed over', async (id) => {
  const { headers } = await mock.call(id, { prefer: 'code=202' });
  const { pathname } = new URL(String(headers.location), mock.url);
  expect([pathname, (await mock.send('GET', pathname)).status]).toEqual([pathname, 200]);
});
