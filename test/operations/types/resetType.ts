import { type Kind, TypeScene, unknownId } from './kinds';

export function describeResetType(kind: Kind): TypeScene {
  const scene = new TypeScene(kind);
  const reset = (id: string, headers: Record<string, string> = {}) => scene.call('reset', '', { path: { id }, headers });
  const plain = ({ updatedAt, commands, ...type }: any) => ({
    ...type,
    commands: commands.map(({ updatedAt: _, ...command }: any) => command),
  });

  describe('200', () => {
    test('name for name and id for id, the type is as shipped again', async () => {
      const shipped = await scene.shipped();
      const { id, commands } = shipped;
      const at = (commandId: string) => ({ path: { id, commandId } });
      await scene.call('update', '', { path: { id }, body: { displayName: 'Mine' } });
      await scene.call('update', 'Command', {
        ...at(commands[0].id),
        body: { command: 'mine', description: null, sortOrder: 50 },
      });
      await scene.call('create', 'Command', { path: { id }, body: { name: 'mine', displayName: 'Mine', command: 'mine' } });
      const changed = await scene.get(id);
      expect([changed.isCustomized, changed.displayName, changed.commands.length]).toEqual([true, 'Mine', commands.length + 1]);

      const answer = await reset(id);
      expect(answer.status).toBe(200);
      expect(plain(answer.body[kind.member])).toEqual(plain(shipped));
      expect(await scene.get(id)).toEqual(answer.body[kind.member]);
      const rows = await scene.audit(id);
      expect(rows.at(-1)).toMatchObject({
        action: 'reset',
        operation_id: `reset${kind.name}`,
        details: { changed: ['displayName', 'commands'] },
      });
    });

    test('a command that was deleted comes back under a new id', async () => {
      const { id, commands } = await scene.shipped('postgres');
      await scene.call('delete', 'Command', { path: { id, commandId: commands[1].id } });
      const now = (await reset(id)).body[kind.member].commands;
      expect(now.map(({ name }: any) => name)).toEqual(commands.map(({ name }: any) => name));
      expect(now.map((command: any, index: number) => command.id === commands[index].id)).toEqual(
        now.map((_: any, index: number) => index !== 1),
      );
    });

    test('a type that is as shipped keeps version, time and history', async () => {
      const { id } = await scene.shipped();
      const before = await scene.call('get', '', { path: { id } });
      const rows = (await scene.audit(id)).length;
      const answer = await reset(id);
      expect([answer.status, answer.headers.etag, answer.body]).toEqual([200, before.headers.etag, before.body]);
      expect((await scene.audit(id)).length).toBe(rows);
    });

    test('a type that was changed and changed back is no longer customised', async () => {
      const { id, displayName } = await scene.shipped();
      await scene.call('update', '', { path: { id }, body: { displayName: 'Mine' } });
      await scene.call('update', '', { path: { id }, body: { displayName } });
      expect((await scene.get(id)).isCustomized).toBe(true);
      expect((await reset(id)).body[kind.member].isCustomized).toBe(false);
    });
  });

  describe('404', () => {
    test.each(['example', unknownId])('%s', async (id) => {
      expect((await reset(id)).status).toBe(404);
    });
  });

  describe('409', () => {
    test('when a user made the type', async () => {
      const { id } = await scene.type();
      const answer = await reset(id);
      expect([answer.status, answer.body.code, answer.body.details]).toEqual([409, 'CONFLICT', { state: 'user' }]);
    });
  });

  describe('412', () => {
    test('when If-Match names another version', async () => {
      const { id } = await scene.shipped();
      expect((await reset(id, { 'if-match': '"999.0"' })).status).toBe(412);
    });
  });
  return scene;
}
