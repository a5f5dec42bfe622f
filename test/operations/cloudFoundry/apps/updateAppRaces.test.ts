import { appIn } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
});
afterAll(() => portolan.close());

const labels = (prefix: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'x']));

test('requests at the same time do not get past the limit of labels together', async () => {
  const guid = await appIn(portolan, space);
  const wishes = ['a', 'b', 'c', 'd'].map((prefix) => ({ metadata: { labels: labels(prefix, 30) } }));
  const answers = await Promise.all(wishes.map((body) => portolan.call('updateApp', { path: { guid }, body })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
  const { body } = await portolan.call('getApp', { path: { guid } });
  expect(Object.keys(body.metadata.labels)).toHaveLength(30);
});
