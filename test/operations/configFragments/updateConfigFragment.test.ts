import { environment, token, unique } from '../../support/fixtures';
import { namingKeys } from '../../support/keysInText';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = async (members: object = {}) => {
  const body = { name: unique('fragment'), content: 'first', ...members };
  return (await portolan.call('createConfigFragment', { path: { envId }, body })).body.fragment;
};
const update = (id: string, body: unknown, more: object = {}) =>
  portolan.call('updateConfigFragment', { path: { id }, body, ...more });

describe('200', () => {
  test('description: absent keeps, null and "" clear, a value sets', async () => {
    const { id } = await create({ description: 'first' });
    expect((await update(id, { name: unique('renamed') })).body.fragment.description).toBe('first');
    expect((await update(id, { description: null })).body.fragment.description).toBeNull();
    expect((await update(id, { description: 'second' })).body.fragment.description).toBe('second');
    expect((await update(id, { description: '' })).body.fragment.description).toBeNull();
  });

  test.each([
    ['name', 'another-name'],
    ['content', ''],
    ['content', 'second ${KEY}'],
  ])('%s: absent keeps, null is refused, %j is set', async (member, value) => {
    const fragment = await create();
    expect((await update(fragment.id, { description: 'x' })).body.fragment[member]).toEqual(fragment[member]);
    const refused = await update(fragment.id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    expect((await update(fragment.id, { [member]: value })).body.fragment[member]).toEqual(value);
  });

  test('what changes nothing is no new version and leaves no audit row', async () => {
    const { id, name } = await create({ description: 'same' });
    const answer = await update(id, { name, description: 'same', content: 'first' });
    expect(answer.headers.etag).toMatch(/^"1\./);
    expect(await portolan.sql('select action from audit_logs where resource_id = $1', [id])).toHaveLength(1);
  });

  test('its keys follow the content, and files made of it miss them', async () => {
    const { id } = await create({ content: '${FIRST}' });
    const body = { name: unique('file'), filename: 'f', content: '', fragmentIds: [id] };
    const { configFile } = (await portolan.call('createConfigFile', { path: { envId }, body })).body;
    expect(configFile.missingKeys).toEqual(['FIRST']);
    await update(id, { content: '${SECOND}' });
    const got = await portolan.call('getConfigFile', { path: { id: configFile.id } });
    expect(got.body.configFile.missingKeys).toEqual(['SECOND']);
  });

  test('two at once: both are counted', async () => {
    const { id } = await create();
    const [a, b] = await Promise.all([update(id, { content: 'a' }), update(id, { description: 'b' })]);
    expect([a.status, b.status]).toEqual([200, 200]);
    const { body, headers } = await portolan.call('getConfigFragment', { path: { id } });
    expect(body.fragment).toMatchObject({ content: 'a', description: 'b' });
    expect(headers.etag).toMatch(/^"3\./);
  });
});

describe('400', () => {
  test('a text that names more keys than are kept', async () => {
    const { id } = await create({ content: 'x' });
    const answer = await update(id, { content: namingKeys(10_001) });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'content', 'maxItems']);
  });

  test('a loop over servers of an environment out of reach, when the content is new', async () => {
    const name = unique('secret');
    await environment(portolan, name);
    const { token: local } = await token(portolan, { environments: [envId] });
    const content = `{{range servers environment="${name}"}}{{end}}`;
    const { id } = await create({ content });
    expect((await update(id, { description: 'x', content }, { token: local })).status).toBe(200);
    const answer = await update(id, { content: `${content}!` }, { token: local });
    expect([answer.status, answer.body.field]).toEqual([400, 'content']);
  });
});

describe('409', () => {
  test('the name is taken', async () => {
    const taken = await create();
    const { id } = await create();
    const answer = await update(id, { name: taken.name });
    expect([answer.status, answer.body.field]).toEqual([409, 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'config_fragment', id: taken.id });
  });
});

describe('413', () => {
  test('the content is larger than the setting', async () => {
    const { id } = await create();
    await limitUploads(portolan, 1);
    const answer = await update(id, { content: 'x'.repeat(1024 * 1024 + 1) });
    expect([answer.status, answer.body.field]).toEqual([413, 'content']);
    await limitUploads(portolan, 50);
  });
});
