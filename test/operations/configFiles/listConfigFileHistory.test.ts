import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { createFile, updateFile } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const list = (id: string, query: object = {}) => portolan.call('listConfigFileHistory', { path: { id }, query: query as never });
const contents = (answer: { body: any }) => answer.body.history.map(({ content }: { content: string }) => content);

describe('200', () => {
  test('newest first, in pages, with who put another content in its place', async () => {
    const { id } = await createFile(portolan, envId, { content: '0' });
    expect((await list(id)).body).toEqual({ history: [], total: 0, nextCursor: null });
    for (const content of ['1', '2', '3', '4']) await updateFile(portolan, id, { content });
    const whole = await list(id);
    expect(contents(whole)).toEqual(['3', '2', '1', '0']);
    expect(whole.body.total).toBe(4);
    const { body: me } = await portolan.call('getCurrentPrincipal', {});
    expect(whole.body.history.map((one: any) => one.editedBy)).toEqual(Array(4).fill(me.user.email));
    const first = await list(id, { limit: 3 });
    const second = await list(id, { limit: 3, cursor: first.body.nextCursor });
    expect([...contents(first), ...contents(second)]).toEqual(['3', '2', '1', '0']);
    expect(second.body.nextCursor).toBeNull();
  });

  test('a change of something else is no history', async () => {
    const { id } = await createFile(portolan, envId);
    await updateFile(portolan, id, { description: 'x', filename: 'y', fragmentIds: [] });
    expect((await list(id)).body.total).toBe(0);
  });

  test('the last hundred are kept', async () => {
    const { id } = await createFile(portolan, envId, { content: 'last' });
    await portolan.sql(
      `insert into config_file_history (id, config_file_id, is_binary, content, checksum, edited_at)
       select gen_random_uuid(), $1, false, 'old ' || n, '', now() - make_interval(secs => n) from generate_series(1, 120) as n`,
      [id],
    );
    await updateFile(portolan, id, { content: 'new' });
    const { body } = await list(id, { limit: 1000 });
    expect(body.total).toBe(100);
    expect(contents({ body }).slice(0, 2)).toEqual(['last', 'old 1']);
    expect(contents({ body }).at(-1)).toBe('old 99');
  });

  test('no more than 64 MiB are kept, and always the last one', async () => {
    const mebibyte = 1024 * 1024;
    const { id } = await createFile(portolan, envId, { content: 'x'.repeat(10 * mebibyte) });
    await portolan.sql(
      `insert into config_file_history (id, config_file_id, is_binary, content, checksum, edited_at)
       select gen_random_uuid(), $1, false, repeat('y', 30 * 1024 * 1024), '', now() - make_interval(secs => n)
       from generate_series(1, 3) as n`,
      [id],
    );
    await updateFile(portolan, id, { content: 'new' });
    const sizes =
      'select octet_length(content) as size from config_file_history where config_file_id = $1 order by edited_at desc';
    expect((await portolan.sql(sizes, [id])).map(({ size }) => size / mebibyte)).toEqual([10, 30]);
    await portolan.sql(
      `update config_files set content = repeat('z', 70 * 1024 * 1024), file_size = 70 * 1024 * 1024 where id = $1`,
      [id],
    );
    await updateFile(portolan, id, { content: 'newer' });
    expect((await portolan.sql(sizes, [id])).map(({ size }) => size / mebibyte)).toEqual([70]);
  });
});

describe('404', () => {
  test('a file out of reach', async () => {
    const { id } = await createFile(portolan, envId);
    const { token: local } = await token(portolan, { environments: [await environment(portolan)] });
    expect((await portolan.call('listConfigFileHistory', { path: { id }, token: local })).status).toBe(404);
  });
});
