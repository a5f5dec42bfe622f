import { walkPages } from '../../support/walkPages';
import { type Kind, TypeScene, unknownId } from './kinds';

export function describeListCommands(kind: Kind): void {
  const scene = new TypeScene(kind);
  let id: string;
  const list = (query: Record<string, string | number> = {}, of = id) =>
    scene.call('list', 'Commands', { path: { id: of }, query });
  const names = (answer: { body: any }): string[] => answer.body.commands.map(({ name }: { name: string }) => name);
  beforeAll(async () => {
    await scene.typeWith('foreign');
    const command = (name: string, displayName: string, sortOrder: number) => ({ name, displayName, command: 'run', sortOrder });
    const commands = [
      command('e', 'One', 3),
      command('d', 'One', 1),
      command('c', 'Two', 1),
      command('b', 'Two_2', 0),
      command('a', 'Three', 9),
    ];
    ({ id } = await scene.type({ commands }));
  });

  describe('200', () => {
    test('by place; commands of other types are neither shown nor counted', async () => {
      const answer = await list();
      expect(names(answer)).toEqual(['b', 'd', 'c', 'e', 'a']);
      expect([answer.body.total, answer.body.nextCursor]).toEqual([5, null]);
      expect(answer.body.commands).toEqual((await scene.get(id)).commands);
    });

    test('a type without commands has none', async () => {
      expect((await list({}, (await scene.type()).id)).body).toEqual({ commands: [], total: 0, nextCursor: null });
    });

    test.each([
      [{ q: 'C' }, ['c']],
      [{ q: 'two' }, ['c', 'b']],
      [{ q: 'o_' }, ['b']],
      [{ q: 'nothing' }, []],
    ])('%j', async (query, expected) => {
      const answer = await list(query);
      expect(names(answer).sort()).toEqual([...expected].sort());
      expect(answer.body.total).toBe(expected.length);
    });

    const directions = ['sortOrder', 'name', 'displayName', 'createdAt'].flatMap((member) => [member, `-${member}`]);
    test.each(directions)('sort=%s: pages of two give every command once, in order', async (sort) => {
      const call = { path: { id }, query: { sort } };
      const walked = await walkPages(
        scene.portolan,
        `list${kind.name}Commands` as 'listServiceTypeCommands',
        'commands',
        2,
        call,
      );
      const member = sort.replace('-', '');
      const keys = walked.map((row) => [row[member], row.id] as const);
      const sorted = [...keys].sort(([a, idA], [b, idB]) => (a === b ? (idA < idB ? -1 : 1) : a < b ? -1 : 1));
      expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
      expect(walked).toHaveLength(5);
    });

    test('offset skips', async () => {
      expect(names(await list({ offset: 3 }))).toEqual(['e', 'a']);
    });
  });

  describe('400', () => {
    test.each([
      [{ limit: 0 }, 'limit'],
      [{ sort: 'command' }, 'sort'],
      [{ name: 'a' }, 'name'],
      [{ cursor: 'x', offset: 1 }, 'offset'],
    ])('%j', async (query, field) => {
      const answer = await list(query as never);
      expect([answer.status, answer.body.field]).toEqual([400, field]);
    });

    test('the cursor of another type', async () => {
      const { nextCursor: cursor } = (await list({ limit: 1 })).body;
      const other = await scene.typeWith('one', 'two');
      const answer = await list({ limit: 1, cursor }, other.id);
      expect([answer.status, answer.body.field]).toEqual([400, 'cursor']);
    });
  });

  describe('404', () => {
    test.each(['example', unknownId])('%s, also with a bad query', async (unknown) => {
      expect((await list({}, unknown)).status).toBe(404);
      expect((await list({ limit: 0 }, unknown)).status).toBe(404);
    });
  });
}
