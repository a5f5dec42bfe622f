import { type Kind, TypeScene, unknownId } from './kinds';

export function describeDeleteCommand(kind: Kind): void {
  const scene = new TypeScene(kind);
  const remove = (id: string, commandId: string, headers: Record<string, string> = {}) =>
    scene.call('delete', 'Command', { path: { id, commandId }, headers });

  describe('204', () => {
    test('only this command is gone; the audit row tells what it was', async () => {
      const { id, commands } = await scene.typeWith('one', 'two');
      expect((await remove(id, commands[0].id)).status).toBe(204);
      expect((await scene.get(id)).commands).toEqual([commands[1]]);
      expect((await scene.audit(id))[1]).toMatchObject({
        action: 'update',
        operation_id: `delete${kind.name}Command`,
        details: { changed: ['commands'], command: 'one', before: { name: 'one', command: 'run one' }, after: null },
      });
      expect((await remove(id, commands[0].id)).status).toBe(404);
    });

    test('a shipped type that loses a command counts as customised', async () => {
      const { id, commands } = await scene.shipped();
      await remove(id, commands[0].id);
      expect((await scene.get(id)).isCustomized).toBe(true);
    });
  });

  test('404: an unknown type, an unknown command, and a command of another type', async () => {
    const { id, commands } = await scene.typeWith('one');
    const other = await scene.typeWith('one');
    for (const [typeId, commandId] of [
      [unknownId, commands[0].id],
      [id, unknownId],
      [other.id, commands[0].id],
    ]) {
      expect((await remove(typeId, commandId)).status).toBe(404);
    }
    expect((await scene.get(id)).commands).toHaveLength(1);
  });

  test('412: when If-Match names another version', async () => {
    const { id, commands } = await scene.typeWith('one');
    expect((await remove(id, commands[0].id, { 'if-match': '"2.0"' })).status).toBe(412);
    expect((await remove(id, commands[0].id, { 'if-match': '"1.0"' })).status).toBe(204);
  });
}
