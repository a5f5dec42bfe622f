import { type Kind, TypeScene, unknownId } from './kinds';

export function describeGetType(kind: Kind): void {
  const scene = new TypeScene(kind);

  describe('200', () => {
    test('a shipped type shows its commands in order, by their places', async () => {
      const { id } = await scene.shipped();
      const type = await scene.get(id);
      expect(type).toMatchObject({ name: 'redis', source: 'shipped', isCustomized: false });
      const places = type.commands.map(({ sortOrder }: { sortOrder: number }) => sortOrder);
      expect(places).toEqual(places.map((_: number, index: number) => index));
      expect(places.length).toBeGreaterThan(1);
      for (const command of type.commands) expect([command[kind.ownerId], command[kind.otherId]]).toEqual([id, null]);
    });

    test('a type without commands has an empty list', async () => {
      const { id } = await scene.type();
      expect((await scene.get(id)).commands).toEqual([]);
    });

    test('commands at the same place stand in the order of their creation', async () => {
      const commands = ['z', 'y', 'x'].map((name) => ({ name, displayName: name, command: name, sortOrder: 7 }));
      const { id } = await scene.type({ commands });
      expect((await scene.get(id)).commands.map(({ name }: { name: string }) => name)).toEqual(['z', 'y', 'x']);
    });
  });

  describe('304', () => {
    test('until the type or one of its commands changes', async () => {
      const { id, commands } = await scene.typeWith('one');
      const ask = (etag: string) => scene.call('get', '', { path: { id }, headers: { 'if-none-match': etag } });
      const etag = String((await scene.call('get', '', { path: { id } })).headers.etag);
      expect((await ask(etag)).status).toBe(304);
      await scene.call('update', 'Command', { path: { id, commandId: commands[0].id }, body: { command: 'run two' } });
      expect((await ask(etag)).status).toBe(200);
    });
  });

  describe('404', () => {
    test.each(['example', unknownId])('%s', async (id) => {
      const answer = await scene.call('get', '', { path: { id } });
      expect([answer.status, answer.body.message]).toEqual([404, `There is no ${kind.noun} "${id}".`]);
    });
  });
}
