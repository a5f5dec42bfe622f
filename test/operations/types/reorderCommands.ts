import { unique } from '../../support/fixtures';
import { type Kind, problemsOf, TypeScene, unknownId } from './kinds';

export function describeReorderCommands(kind: Kind): void {
  const scene = new TypeScene(kind);
  const reorder = (id: string, body: unknown, headers: Record<string, string> = {}) =>
    scene.call('reorder', 'Commands', { path: { id }, body, headers });
  const made = async (...names: string[]) => {
    const { id, commands } = await scene.typeWith(...names);
    return { id: id as string, ids: commands.map((command: { id: string }) => command.id) as string[] };
  };

  describe('200', () => {
    test('sortOrder becomes the place in the body', async () => {
      const { id, ids } = await made('a', 'b', 'c');
      const [a, b, c] = ids;
      const answer = await reorder(id, [c, a, b]);
      expect(answer.status).toBe(200);
      expect(answer.body.commands.map(({ name, sortOrder }: any) => [name, sortOrder])).toEqual([
        ['c', 0],
        ['a', 1],
        ['b', 2],
      ]);
      expect((await scene.get(id)).commands).toEqual(answer.body.commands);
    });

    test('gaps close; a command that stays where it is keeps its version', async () => {
      const commands = ['a', 'b', 'c'].map((name, index) => ({
        name,
        displayName: name,
        command: name,
        sortOrder: [0, 5, 9][index],
      }));
      const type = await scene.type({ commands });
      const ids = type.commands.map((command: { id: string }) => command.id);
      const answer = await reorder(type.id, ids);
      expect(answer.body.commands.map(({ sortOrder }: any) => sortOrder)).toEqual([0, 1, 2]);
      const versions = await scene.portolan.sql('select version from type_commands where id = any($1) order by sort_order', [
        ids,
      ]);
      expect(versions.map(({ version }) => version)).toEqual([1, 2, 2]);
    });

    test('the present order changes nothing', async () => {
      const { id, ids } = await made('a', 'b');
      const before = await scene.call('get', '', { path: { id } });
      expect((await reorder(id, ids)).status).toBe(200);
      expect((await scene.call('get', '', { path: { id } })).headers.etag).toBe(before.headers.etag);
      expect(await scene.audit(id)).toHaveLength(1);
    });

    test('a type without commands takes an empty list', async () => {
      expect((await reorder((await scene.type()).id, [])).body).toEqual({ commands: [] });
    });

    test('a shipped type counts as customised', async () => {
      const { id, commands } = await scene.shipped();
      await reorder(id, commands.map((command: { id: string }) => command.id).reverse());
      expect((await scene.get(id)).isCustomized).toBe(true);
    });

    test('the audit row tells both orders', async () => {
      const { id, ids } = await made('a', 'b');
      await reorder(id, [...ids].reverse());
      expect((await scene.audit(id))[1]).toMatchObject({
        action: 'update',
        operation_id: `reorder${kind.name}Commands`,
        details: { changed: ['commands'], before: { commands: ['a', 'b'] }, after: { commands: ['b', 'a'] } },
      });
    });

    test('an Idempotency-Key is acted on once', async () => {
      const { id, ids } = await made('a', 'b');
      const headers = { 'idempotency-key': unique('key') };
      const first = await reorder(id, [...ids].reverse(), headers);
      await reorder(id, ids);
      expect((await reorder(id, [...ids].reverse(), headers)).text).toBe(first.text);
      expect((await scene.get(id)).commands[0].name).toBe('a');
    });
  });

  describe('400', () => {
    test('every unknown, repeated and missing id has its place', async () => {
      const { id, ids } = await made('a', 'b', 'c');
      const foreign = (await made('a')).ids[0] as string;
      expect(problemsOf(await reorder(id, [ids[0], unknownId, ids[1], ids[2]]))).toEqual([['[1]', 'unknown_reference']]);
      expect(problemsOf(await reorder(id, [foreign, ...ids]))).toEqual([['[0]', 'unknown_reference']]);
      expect(problemsOf(await reorder(id, [...ids, ids[1]]))).toEqual([['[3]', 'unique']]);
      expect(problemsOf(await reorder(id, [ids[1]]))).toEqual([
        ['[1]', 'required'],
        ['[2]', 'required'],
      ]);
      expect(problemsOf(await reorder(id, [ids[1], ids[1]]))).toEqual([
        ['[1]', 'unique'],
        ['[2]', 'required'],
        ['[3]', 'required'],
      ]);
      expect((await scene.get(id)).commands.map(({ sortOrder }: any) => sortOrder)).toEqual([0, 1, 2]);
    });

    test.each([
      [{}, '', 'type'],
      [['example'], '[0]', 'format'],
      [[7], '[0]', 'type'],
      [[null], '[0]', 'type'],
    ])('%j', async (body, field, code) => {
      const answer = await reorder((await scene.type()).id, body);
      expect(answer.status).toBe(400);
      expect(problemsOf(answer)).toEqual([[field, code]]);
    });

    test('no body', async () => {
      const answer = await reorder((await scene.type()).id, undefined);
      expect([answer.status, answer.body.field]).toEqual([400, '']);
    });
  });

  test('404: an unknown type, also with a bad body', async () => {
    for (const id of ['example', unknownId]) expect((await reorder(id, ['x'])).status).toBe(404);
  });

  test('412: when If-Match names the version of the type from before a command was added', async () => {
    const { id, ids } = await made('a', 'b');
    const etag = String((await scene.call('get', '', { path: { id } })).headers.etag);
    const added = await scene.call('create', 'Command', { path: { id }, body: { name: 'c', displayName: 'C', command: 'c' } });
    const order = [added.body.command.id, ...ids];
    expect((await reorder(id, order, { 'if-match': etag })).status).toBe(412);
    const now = String((await scene.call('get', '', { path: { id } })).headers.etag);
    expect((await reorder(id, order, { 'if-match': now })).status).toBe(200);
  });
}
