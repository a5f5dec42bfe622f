import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';
import { createFile, createFragment, refusal, updateFile } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (members: object = {}) => createFile(portolan, envId, members);
const update = (id: string, body: unknown, more: object = {}) => updateFile(portolan, id, body, more);
const fragment = (members: object = {}) => createFragment(portolan, envId, members);
const history = async (id: string) => (await portolan.call('listConfigFileHistory', { path: { id } })).body.history;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('200', () => {
  test.each([
    ['description', 'second'],
    ['mimeType', 'text/x-other; charset=utf-8'],
  ])('%s: absent keeps, null and "" clear, a value sets', async (member, value) => {
    const { id } = await create({ [member]: 'text/first' });
    expect((await update(id, { name: unique('renamed') })).body.configFile[member]).toBe('text/first');
    expect((await update(id, { [member]: null })).body.configFile[member]).toBeNull();
    expect((await update(id, { [member]: value })).body.configFile[member]).toBe(value);
    expect((await update(id, { [member]: '' })).body.configFile[member]).toBeNull();
  });

  test.each([
    ['name', 'another-name'],
    ['filename', 'other.yaml'],
    ['content', 'second ${KEY}\r\n'],
    ['content', ''],
    ['autoResync', false],
    ['language', 'x-own'],
    ['isBinary', false],
    ['fileSize', 5],
  ])('%s: absent keeps, null is refused, %j is set', async (member, value) => {
    const file = await create();
    expect((await update(file.id, { description: 'x' })).body.configFile[member]).toEqual(file[member]);
    expect(refusal(await update(file.id, { [member]: null })).slice(0, 2)).toEqual([400, member]);
    expect((await update(file.id, { [member]: value })).body.configFile[member]).toEqual(value);
  });

  test('fragmentIds: absent keeps, a list replaces the whole one in its order, an empty one clears', async () => {
    const [a, b, c] = [await fragment(), await fragment(), await fragment()];
    const { id } = await create({ fragmentIds: [a.id, b.id] });
    const included = ({ body }: { body: any }) =>
      body.configFile.includedFragments.map((one: any) => [one.position, one.fragmentId]);
    expect(included(await update(id, { description: 'x' }))).toEqual([
      [0, a.id],
      [1, b.id],
    ]);
    expect(included(await update(id, { fragmentIds: [b.id, a.id] }))).toEqual([
      [0, b.id],
      [1, a.id],
    ]);
    expect(included(await update(id, { fragmentIds: [c.id, b.id, a.id] }))).toEqual([
      [0, c.id],
      [1, b.id],
      [2, a.id],
    ]);
    expect(included(await update(id, { fragmentIds: [b.id] }))).toEqual([[0, b.id]]);
    expect(included(await update(id, { fragmentIds: [] }))).toEqual([]);
    expect(refusal(await update(id, { fragmentIds: null }))).toEqual([400, 'fragmentIds', 'type']);
  });

  test('new content: checksum, size and missing keys follow, the old one is history', async () => {
    const file = await create({ content: 'old ${OLD}' });
    const answer = await update(file.id, { content: 'new ü ${NEW}' });
    expect(answer.body.configFile).toMatchObject({ content: 'new ü ${NEW}', fileSize: 13, missingKeys: ['NEW'] });
    expect(answer.body.configFile.checksum).not.toBe(file.checksum);
    expect(await history(file.id)).toEqual([
      {
        id: expect.any(String),
        content: 'old ${OLD}',
        isBinary: false,
        fileSize: 10,
        checksum: file.checksum,
        editedAt: expect.any(String),
        editedBy: expect.stringContaining('@'),
      },
    ]);
  });

  test('what changes nothing is no new version, no history and no audit row', async () => {
    const { id: part } = await fragment();
    const file = await create({ description: 'same', fragmentIds: [part] });
    const { name, filename, content, description, isBinary, autoResync, fileSize } = file;
    const body = { name, filename, content, description, isBinary, autoResync, fileSize, fragmentIds: [part] };
    const answer = await update(file.id, body);
    expect(answer.headers.etag).toMatch(/^"1\./);
    expect(answer.body.configFile).toEqual(file);
    expect(await history(file.id)).toEqual([]);
    expect(await portolan.sql('select action from audit_logs where resource_id = $1', [file.id])).toHaveLength(1);
  });

  test('the language follows the filename until somebody sets it', async () => {
    const { id, language } = await create({ filename: 'a.yaml' });
    expect(language).toBe('yaml');
    expect((await update(id, { filename: 'a.json' })).body.configFile.language).toBe('json');
    expect((await update(id, { filename: 'b.json', language: 'json' })).body.configFile.language).toBe('json');
    expect((await update(id, { filename: 'a.toml' })).body.configFile.language).toBe('json');
    expect((await update(id, { language: 'toml' })).body.configFile.language).toBe('toml');
  });

  test('a text becomes binary, and text again', async () => {
    const { id } = await create({ content: 'text ${KEY}' });
    const binary = await update(id, { isBinary: true, content: base64('\u0001bytes') });
    expect(binary.body.configFile).toMatchObject({ isBinary: true, content: '', fileSize: 6, missingKeys: [] });
    const text = await update(id, { isBinary: false, content: 'again' });
    expect(text.body.configFile).toMatchObject({ isBinary: false, content: 'again' });
    expect((await history(id)).map((one: any) => [one.isBinary, one.content])).toEqual([
      [true, ''],
      [false, 'text ${KEY}'],
    ]);
  });

  test('content of the same bytes is another one when it becomes text', async () => {
    const { id } = await create({ isBinary: true, content: base64('same') });
    const answer = await update(id, { isBinary: false, content: 'same' });
    expect(answer.body.configFile).toMatchObject({ isBinary: false, content: 'same' });
    expect(await history(id)).toHaveLength(1);
  });

  test('several changes of content at once: each former one is history, and nothing is lost', async () => {
    const { id } = await create({ content: 'start' });
    const contents = ['a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(contents.map((content) => update(id, { content })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { body, headers } = await portolan.call('getConfigFile', { path: { id } });
    expect(headers.etag).toMatch(/^"6\./);
    const former = (await history(id)).map((one: any) => one.content);
    expect([...former, body.configFile.content].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'start']);
    expect(former.at(-1)).toBe('start');
  });

  test('several changes of fragments at once: one of the lists stands', async () => {
    const parts = await Promise.all([fragment(), fragment(), fragment()]);
    const ids = parts.map(({ id }) => id);
    const { id } = await create({ fragmentIds: ids });
    const lists = [[ids[0], ids[1]], [ids[2]], [ids[1], ids[0], ids[2]], []];
    const answers = await Promise.all(lists.map((fragmentIds) => update(id, { fragmentIds })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await portolan.call('getConfigFile', { path: { id } });
    expect(lists).toContainEqual(body.configFile.includedFragments.map((one: any) => one.fragmentId));
  });

  test('the audit row tells what changed, and nothing of the content', async () => {
    const file = await create();
    await update(file.id, { content: 'content-canary', autoResync: false });
    const [row] = await portolan.sql(`select * from audit_logs where resource_id = $1 and action = 'update'`, [file.id]);
    expect(row.details).toEqual({
      changed: ['autoResync', 'content'],
      before: { autoResync: true, checksum: file.checksum },
      after: { autoResync: false, checksum: expect.any(String) },
    });
    expect(JSON.stringify(row)).not.toContain('canary');
  });
});

describe('400', () => {
  test('isBinary changes without new content', async () => {
    const { id } = await create();
    expect(refusal(await update(id, { isBinary: true }))).toEqual([400, 'content', 'required']);
    const binary = await create({ isBinary: true, content: '' });
    expect(refusal(await update(binary.id, { isBinary: false }))).toEqual([400, 'content', 'required']);
  });

  test('content of a binary file that is no base64', async () => {
    const { id } = await create({ isBinary: true, content: '' });
    expect(refusal(await update(id, { content: 'plain text' }))).toEqual([400, 'content', 'format']);
  });

  test('a size that is not that of the content, given or stored', async () => {
    const { id } = await create({ content: 'five!' });
    expect(refusal(await update(id, { fileSize: 6 }))).toEqual([400, 'fileSize', 'inconsistent']);
    expect(refusal(await update(id, { content: 'four', fileSize: 5 }))).toEqual([400, 'fileSize', 'inconsistent']);
    expect((await update(id, { content: 'four', fileSize: 4 })).status).toBe(200);
  });

  test('fragments and binary content', async () => {
    const part = await fragment();
    const { id } = await create({ fragmentIds: [part.id] });
    expect(refusal(await update(id, { isBinary: true, content: '' }))).toEqual([400, 'isBinary', 'inconsistent']);
    const body = { isBinary: true, content: '', fragmentIds: [part.id] };
    expect(refusal(await update(id, body))).toEqual([400, 'fragmentIds[0]', 'inconsistent']);
    expect((await update(id, { ...body, fragmentIds: [] })).status).toBe(200);
    expect(refusal(await update(id, { fragmentIds: [part.id] }))).toEqual([400, 'fragmentIds[0]', 'inconsistent']);
  });

  test('fragments that are unknown, twice, or of another environment', async () => {
    const part = await fragment();
    const { id } = await create();
    const foreign = await createFragment(portolan, await environment(portolan));
    expect(refusal(await update(id, { fragmentIds: [part.id, part.id] }))).toEqual([400, 'fragmentIds[1]', 'unique']);
    expect(refusal(await update(id, { fragmentIds: [id] }))).toEqual([400, 'fragmentIds[0]', 'unknown_reference']);
    expect(refusal(await update(id, { fragmentIds: [foreign.id] }))).toEqual([400, 'fragmentIds[0]', 'wrong_environment']);
  });

  test('a server loop that names an environment out of reach is judged when the content is new', async () => {
    const name = unique('secret');
    await environment(portolan, name);
    const content = `{{range servers environment="${name}"}}{{.name}}{{end}}`;
    const { id } = await create({ content });
    const { token: local } = await token(portolan, { environments: [envId] });
    expect((await update(id, { description: 'other', content }, { token: local })).status).toBe(200);
    expect(refusal(await update(id, { content: `${content} ` }, { token: local }))).toEqual([
      400,
      'content',
      'unknown_reference',
    ]);
  });
});

describe('409', () => {
  test('the name is taken', async () => {
    const taken = await create();
    const { id } = await create();
    const answer = await update(id, { name: taken.name });
    expect([answer.status, answer.body.field]).toEqual([409, 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'config_file', id: taken.id });
  });
});

describe('412', () => {
  test('somebody changed it since, and nothing is applied', async () => {
    const { id } = await create();
    await update(id, { content: 'theirs' });
    const answer = await update(id, { content: 'mine' }, { headers: { 'if-match': '"1.0"' } });
    expect(answer.status).toBe(412);
    expect((await portolan.call('getConfigFile', { path: { id } })).body.configFile.content).toBe('theirs');
  });
});

describe('413', () => {
  test('the content is larger than the setting', async () => {
    const { id } = await create();
    await limitUploads(portolan, 1);
    expect(refusal(await update(id, { content: 'x'.repeat(1024 * 1024 + 1) }))).toEqual([413, 'content', undefined]);
    expect((await update(id, { content: 'x'.repeat(1024 * 1024) })).status).toBe(200);
    await limitUploads(portolan, 50);
  });
});
