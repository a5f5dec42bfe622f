import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { attach, createFile, createFragment, place } from './files';

let portolan: Portolan;
let envId: string;
let fragmentId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  fragmentId = (await createFragment(portolan, envId)).id;
  await createFile(portolan, envId, { name: 'delta', filename: 'd.yaml', fragmentIds: [fragmentId] });
  await createFile(portolan, envId, { name: 'alpha', filename: 'a.json', content: '{}' });
  await createFile(portolan, envId, { name: 'bravo_x', filename: 'b.json', isBinary: true, content: 'AAAA' });
  const charlie = await createFile(portolan, envId, { name: 'charlie', filename: 'a.json' });
  const { serviceId } = await attach(portolan, envId, charlie.id);
  await place(portolan, envId, serviceId);
});
afterAll(() => portolan.close());

const list = (query: object | string = {}, more: object = {}) =>
  portolan.call('listConfigFiles', { path: { envId }, query: query as never, ...more });
const names = (answer: { body: any }) => answer.body.configFiles.map(({ name }: { name: string }) => name);

describe('200', () => {
  test('by name, without contents, with the exact total', async () => {
    const { body } = await list();
    expect(names({ body })).toEqual(['alpha', 'bravo_x', 'charlie', 'delta']);
    expect(body.total).toBe(4);
    expect(body.configFiles.map(({ content }: { content: string }) => content)).toEqual(['', '', '', '']);
    for (const file of body.configFiles) {
      const one = (await portolan.call('getConfigFile', { path: { id: file.id } })).body.configFile;
      expect({ ...one, content: '' }).toEqual(file);
    }
  });

  test('pages to the end, in either direction of either sort', async () => {
    for (const sort of ['name', '-name', 'updatedAt', '-updatedAt', '-updatedAt,name']) {
      const whole = names(await list({ sort }));
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const answer = await list({ sort, limit: 3, ...(cursor ? { cursor } : {}) });
        paged.push(...names(answer));
        cursor = answer.body.nextCursor;
      } while (cursor);
      expect([sort, paged]).toEqual([sort, whole]);
    }
  });

  test.each([
    ['name=alpha,delta', ['alpha', 'delta']],
    ['filename=a.json', ['alpha', 'charlie']],
    ['filename=a.json&name=alpha', ['alpha']],
    ['language=json,yaml', ['alpha', 'bravo_x', 'charlie', 'delta']],
    ['language=yaml', ['delta']],
    ['q=D.Y', ['delta']],
    ['q=o_', ['bravo_x']],
    ['q=%25', []],
    ['syncStatus=never', ['charlie']],
    ['syncStatus=not_attached', ['alpha', 'bravo_x', 'delta']],
    ['syncStatus=not_attached,never', ['alpha', 'bravo_x', 'charlie', 'delta']],
    ['syncStatus=synced,pending', []],
    ['fragmentId=01920000-0000-7000-8000-0000000000ff', []],
  ])('%s', async (query, expected) => {
    const answer = await list(query);
    expect(names(answer)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test('files made of a fragment', async () => {
    expect(names(await list({ fragmentId }))).toEqual(['delta']);
  });
});

describe('400', () => {
  test.each(['syncStatus=gone', 'fragmentId=x', 'sort=filename'])('%s', async (query) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field.split('[')[0]]).toEqual([400, query.split('=')[0]]);
  });
});

describe('404', () => {
  test('an environment out of reach', async () => {
    const { token: local } = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: local })).status).toBe(404);
  });
});
