import { createHash } from 'node:crypto';
import { environment, token, unique } from '../../support/fixtures';
import { beyondAnyKey, namingKeys } from '../../support/keysInText';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';
import { createFile, createFragment, refusal } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (members: object = {}, more: object = {}) =>
  portolan.call('createConfigFile', {
    path: { envId },
    body: { name: unique('file'), filename: 'app.conf', content: 'x', ...members },
    ...more,
  });
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

describe('201', () => {
  test('what is too long to be a key is text', async () => {
    const content = beyondAnyKey();
    const answer = await create({ content });
    expect([answer.status, answer.body.configFile]).toMatchObject([201, { content, missingKeys: [] }]);
  });

  test('what was sent comes back byte for byte, with what is computed', async () => {
    const content = ' \ta = ${KEY}\r\nünïcode 🚢\n\n';
    const answer = await create({ name: 'exact', content, description: ' two  blanks ', mimeType: 'text/x-conf' });
    expect(answer.status).toBe(201);
    const { configFile } = answer.body;
    expect(configFile).toMatchObject({
      environmentId: envId,
      name: 'exact',
      filename: 'app.conf',
      content,
      description: ' two  blanks ',
      isBinary: false,
      mimeType: 'text/x-conf',
      fileSize: Buffer.byteLength(content),
      autoResync: true,
      language: 'conf',
      includedFragments: [],
      checksum: sha256(content),
      syncStatus: 'not_attached',
      syncCounts: { synced: 0, pending: 0, never: 0, total: 0 },
      missingKeys: ['KEY'],
      services: [],
    });
    expect(configFile.fragmentIds).toBeUndefined();
    expect(answer.headers.location).toBe(`/api/config-files/${configFile.id}`);
    expect((await portolan.call('getConfigFile', { path: { id: configFile.id } })).body.configFile).toEqual(configFile);
    const listed = await portolan.call('listConfigFiles', { path: { envId }, query: { name: 'exact' } });
    expect(listed.body.configFiles).toEqual([{ ...configFile, content: '' }]);
  });

  test('empty content', async () => {
    const { body } = await create({ content: '' });
    expect(body.configFile).toMatchObject({ content: '', fileSize: 0, checksum: sha256('') });
  });

  test('a binary file: its content is "", its bytes are those of the base64', async () => {
    const bytes = Buffer.from([0, 255, 1, 254, 10]);
    const answer = await create({ content: bytes.toString('base64'), isBinary: true, fileSize: 5, filename: 'x.bin' });
    expect(answer.body.configFile).toMatchObject({
      content: '',
      isBinary: true,
      fileSize: 5,
      checksum: sha256(bytes),
      missingKeys: [],
    });
  });

  test.each([
    ['settings.yaml', 'yaml'],
    ['a.json', 'json'],
    ['.env', 'env'],
    ['Dockerfile', 'dockerfile'],
    ['nginx.conf', 'nginx'],
    ['notes', 'plaintext'],
  ])('the language of %s is %s', async (filename, language) => {
    expect((await create({ filename })).body.configFile.language).toBe(language);
  });

  test('the language that is given', async () => {
    expect((await create({ filename: 'a.json', language: 'json5' })).body.configFile.language).toBe('json5');
  });

  test('fragments in the order that is sent, and their keys', async () => {
    const first = await createFragment(portolan, envId, { content: '${B}' });
    const second = await createFragment(portolan, envId, { content: '${C}', description: 'the second' });
    const { body } = await create({ content: '${A} $${X}', fragmentIds: [second.id.toUpperCase(), first.id] });
    expect(body.configFile.includedFragments).toEqual([
      { fragmentId: second.id, position: 0, fragment: { id: second.id, name: second.name, description: 'the second' } },
      { fragmentId: first.id, position: 1, fragment: { id: first.id, name: first.name, description: null } },
    ]);
    expect(body.configFile.missingKeys).toEqual(['A', 'B', 'C']);
  });

  test('keys that a var or a secret has are not missing', async () => {
    const other = await environment(portolan);
    await portolan.sql(`insert into vars (id, environment_id, key, value) values (gen_random_uuid(), $1, 'A_VAR', '1')`, [other]);
    await portolan.sql(
      `insert into secrets (id, environment_id, key, value_sealed) values (gen_random_uuid(), $1, 'A_SECRET', 'x')`,
      [other],
    );
    const file = await createFile(portolan, other, { content: '${A_VAR} ${A_SECRET} ${NONE}' });
    expect(file.missingKeys).toEqual(['NONE']);
  });

  test('the audit row has the checksum, and nothing of the content', async () => {
    const { body } = await create({ content: 'content-canary' });
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [body.configFile.id]);
    expect(row).toMatchObject({ action: 'create', resource_type: 'config_file', environment_id: envId });
    expect(row.details.changed).toEqual(['name', 'filename', 'content']);
    expect(row.details.after.checksum).toBe(body.configFile.checksum);
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('an idempotent retry makes one file', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = { name: unique('once'), content: 'x'.repeat(2 * 1024 * 1024) };
    const [first, again] = [await create(body, { headers }), await create(body, { headers })];
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([201, 201, 'true']);
    expect(again.body).toEqual(first.body);
  });
});

describe('400', () => {
  test('a text that names more keys than are kept', async () => {
    expect((await create({ content: namingKeys(10_000) })).body.configFile.missingKeys).toHaveLength(10_000);
    expect(refusal(await create({ content: namingKeys(10_001) }))).toEqual([400, 'content', 'maxItems']);
  });

  test.each(['', '.', '..', 'a..b', 'a/b', '/etc/passwd', 'a\nb', '\u0085', 'x'.repeat(256)])(
    'the filename %j',
    async (filename) => {
      expect(refusal(await create({ filename })).slice(0, 2)).toEqual([400, 'filename']);
    },
  );

  test.each(['html', 'text/html\r\nX: y', 'text/html; a="b"', 'é/x', 'text/'])('the media type %j', async (mimeType) => {
    expect(refusal(await create({ mimeType }))).toEqual([400, 'mimeType', 'pattern']);
  });

  test.each(['YAML', '', 'a b', 'x'.repeat(41)])('the language %j', async (language) => {
    expect(refusal(await create({ language }))).toEqual([400, 'language', 'pattern']);
  });

  test.each(['a', 'YQ', 'YQ=', 'YQ==\n', ' YQ==', 'YR==', 'Y-==', 'YQ==YQ=='])('%j is no base64', async (content) => {
    expect(refusal(await create({ content, isBinary: true }))).toEqual([400, 'content', 'format']);
  });

  test('a size that is not that of the content', async () => {
    expect((await create({ content: 'ü', fileSize: 2 })).status).toBe(201);
    expect(refusal(await create({ content: 'ü', fileSize: 1 }))).toEqual([400, 'fileSize', 'inconsistent']);
  });

  test('fragments: twice, unknown, of another environment, on a binary file', async () => {
    const { id } = await createFragment(portolan, envId);
    const foreign = await createFragment(portolan, await environment(portolan));
    const unknown = '01920000-0000-7000-8000-0000000000ff';
    expect(refusal(await create({ fragmentIds: [id, id] }))).toEqual([400, 'fragmentIds[1]', 'unique']);
    expect(refusal(await create({ fragmentIds: [id, unknown] }))).toEqual([400, 'fragmentIds[1]', 'unknown_reference']);
    expect(refusal(await create({ fragmentIds: [foreign.id, id] }))).toEqual([400, 'fragmentIds[0]', 'wrong_environment']);
    expect(refusal(await create({ fragmentIds: [id], isBinary: true, content: '' }))).toEqual([
      400,
      'fragmentIds[0]',
      'inconsistent',
    ]);
    const { token: local } = await token(portolan, { environments: [envId] });
    expect(refusal(await create({ fragmentIds: [foreign.id] }, { token: local }))).toEqual([
      400,
      'fragmentIds[0]',
      'unknown_reference',
    ]);
  });

  test('a server loop that names an environment out of reach, also in a fragment', async () => {
    const name = unique('secret');
    await environment(portolan, name);
    const content = `{{range servers environment="${name}"}}{{.name}}{{end}}`;
    const fragment = await createFragment(portolan, envId, { content });
    const { token: local } = await token(portolan, { environments: [envId] });
    expect(refusal(await create({ content }, { token: local }))).toEqual([400, 'content', 'unknown_reference']);
    const made = { fragmentIds: [fragment.id] };
    expect(refusal(await create(made, { token: local }))).toEqual([400, 'fragmentIds[0]', 'unknown_reference']);
    expect((await create({ content, ...made })).status).toBe(201);
  });

  test('every problem, in the order of the document', async () => {
    const answer = await create({ content: '?', isBinary: true, fragmentIds: ['01920000-0000-7000-8000-0000000000ff'] });
    expect(answer.body.details.map(({ field }: { field: string }) => field)).toEqual(['content', 'fragmentIds[0]']);
  });
});

describe('409', () => {
  test('the name is taken, at the same time too', async () => {
    const name = unique('taken');
    const statuses = (await Promise.all([create({ name }), create({ name }), create({ name })])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409]);
    const answer = await create({ name });
    expect([answer.body.field, answer.body.details.conflictsWith.type]).toEqual(['name', 'config_file']);
  });
});

describe('413', () => {
  let small: Portolan;
  beforeAll(async () => {
    small = await startPortolan();
    envId = await environment(small);
    await limitUploads(small, 2);
  });
  afterAll(() => small.close());
  const limit = 2 * 1024 * 1024;
  const send = (members: object) =>
    small.call('createConfigFile', { path: { envId }, body: { name: unique('big'), filename: 'big', ...members } });

  test('exactly the limit, and one byte more', async () => {
    const answer = await send({ content: 'x'.repeat(limit) });
    expect([answer.status, answer.body.configFile.fileSize]).toEqual([201, limit]);
    expect(refusal(await send({ content: 'x'.repeat(limit + 1) }))).toEqual([413, 'content', undefined]);
  });

  test('a binary file counts decoded', async () => {
    const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');
    expect((await send({ content: base64(limit), isBinary: true })).status).toBe(201);
    expect(refusal(await send({ content: base64(limit + 1), isBinary: true }))).toEqual([413, 'content', undefined]);
  });

  test('a body that is far too large is not read', async () => {
    const answer = await send({ content: 'x'.repeat(2 * limit) });
    expect([answer.status, answer.body.field, answer.headers.connection]).toEqual([413, '', 'close']);
  });

  test('a raised limit counts at once', async () => {
    await limitUploads(small, 3);
    expect((await send({ content: 'x'.repeat(limit + 1) })).status).toBe(201);
  });
});
