import { environment, token, unique } from '../../support/fixtures';
import { beyondAnyKey, namingKeys } from '../../support/keysInText';
import { type Portolan, startPortolan } from '../../support/portolan';
import { limitUploads } from '../../support/uploadLimit';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (body: object, more: object = {}) => portolan.call('createConfigFragment', { path: { envId }, body, ...more });
const refusal = ({ status, body }: { status: number; body: any }) => [status, body.field, body.details?.[0]?.code];

describe('201', () => {
  test('what is too long to be a key is text', async () => {
    expect((await create({ name: unique('long'), content: beyondAnyKey() })).status).toBe(201);
  });

  test('a fragment of text, with its place and its version', async () => {
    const content = '  a = ${KEY}\r\n\ttab ünïcode 🚢\n\n';
    const answer = await create({ name: 'logging', description: 'Where lines go', content });
    expect(answer.status).toBe(201);
    const { fragment } = answer.body;
    expect(fragment).toMatchObject({ environmentId: envId, name: 'logging', description: 'Where lines go', content });
    expect([fragment.usedByCount, fragment.usedBy]).toEqual([0, []]);
    expect(answer.headers.location).toBe(`/api/config-fragments/${fragment.id}`);
    expect(answer.headers.etag).toMatch(/^"1\./);
    const got = await portolan.call('getConfigFragment', { path: { id: fragment.id } });
    expect(got.body.fragment).toEqual(fragment);
  });

  test('empty content and an empty description', async () => {
    const { body } = await create({ name: unique('empty'), content: '', description: '' });
    expect(body.fragment).toMatchObject({ content: '', description: null });
  });

  test('the keys that it names are known', async () => {
    const { body } = await create({ name: unique('keys'), content: '${A} $${B} ${C_1} ${A}' });
    const rows = await portolan.sql('select key from config_fragment_keys where fragment_id = $1 order by key', [
      body.fragment.id,
    ]);
    expect(rows.map(({ key }) => key)).toEqual(['A', 'C_1']);
  });

  test('the audit row tells the name, and nothing of the content', async () => {
    const { body } = await create({ name: unique('audited'), content: 'content-canary' });
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [body.fragment.id]);
    expect(row).toMatchObject({ action: 'create', resource_type: 'config_fragment', environment_id: envId });
    expect(row.details.changed).toEqual(['name', 'content']);
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('a loop over servers of an environment that may be read', async () => {
    const name = unique('other');
    await environment(portolan, name);
    const content = `{{range servers environment="${name}"}}{{.name}}{{end}}`;
    expect((await create({ name: unique('loop'), content })).status).toBe(201);
  });
});

describe('400', () => {
  test('a text that names more keys than are kept', async () => {
    expect(refusal(await create({ name: unique('keys'), content: namingKeys(10_001) }))).toEqual([400, 'content', 'maxItems']);
  });

  test('a name with control characters, none, or too long', async () => {
    for (const name of ['a\nb', '', 'x'.repeat(256)]) {
      expect([name.slice(0, 5), ...refusal(await create({ name, content: '' })).slice(0, 2)]).toEqual([
        name.slice(0, 5),
        400,
        'name',
      ]);
    }
  });

  test('no content', async () => {
    expect(refusal(await create({ name: unique('none') }))).toEqual([400, 'content', 'required']);
  });

  test('a loop over servers of an environment out of reach, told as one that is not there', async () => {
    const name = unique('secret');
    await environment(portolan, name);
    const { token: local } = await token(portolan, { environments: [envId] });
    for (const named of [name, 'nowhere']) {
      const content = `{{range servers environment="${named}"}}{{.name}}{{end}}`;
      const answer = await create({ name: unique('loop'), content }, { token: local });
      expect(refusal(answer)).toEqual([400, 'content', 'unknown_reference']);
      expect(answer.body.message).toContain('none that this credential may read');
    }
  });
});

describe('409', () => {
  test('the name is taken, by another request at the same time too', async () => {
    const name = unique('taken');
    const answers = await Promise.all([
      create({ name, content: '' }),
      create({ name, content: '' }),
      create({ name, content: '' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(refusal(await create({ name, content: '' }))).toEqual([409, 'name', undefined]);
  });

  test('the name is free in another environment', async () => {
    const name = unique('same');
    await create({ name, content: '' });
    const path = { envId: await environment(portolan) };
    expect((await portolan.call('createConfigFragment', { path, body: { name, content: '' } })).status).toBe(201);
  });
});

describe('413', () => {
  let small: Portolan;
  let smallEnv: string;
  beforeAll(async () => {
    small = await startPortolan();
    smallEnv = await environment(small);
    await limitUploads(small, 2);
  });
  afterAll(() => small.close());
  const send = (content: string) =>
    small.call('createConfigFragment', { path: { envId: smallEnv }, body: { name: unique('big'), content } });

  test('the content has exactly the limit, and one byte more', async () => {
    const answer = await send('x'.repeat(2 * 1024 * 1024));
    expect(answer.status).toBe(201);
    expect(answer.body.fragment.content).toHaveLength(2 * 1024 * 1024);
    const refused = await send('x'.repeat(2 * 1024 * 1024 + 1));
    expect([refused.status, refused.body.field]).toEqual([413, 'content']);
    // Counted as it is stored: two bytes each.
    expect((await send('ü'.repeat(1024 * 1024))).status).toBe(201);
    expect((await send('ü'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });

  test('a body that is far too large is not read', async () => {
    const answer = await send('x'.repeat(5 * 1024 * 1024));
    expect([answer.status, answer.body.field, answer.headers.connection]).toEqual([413, '', 'close']);
  });
});
