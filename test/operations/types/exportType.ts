import { type Kind, TypeScene, unknownId } from './kinds';

export function describeExportType(kind: Kind): TypeScene {
  const scene = new TypeScene(kind);
  const file = (id: string, headers: Record<string, string> = {}) => scene.call('export', '', { path: { id }, headers });

  describe('200', () => {
    test('a JSON file named after the type, to be saved', async () => {
      const { id } = await scene.shipped();
      const answer = await file(id);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(answer.headers['content-disposition']).toBe('attachment; filename="redis.json"');
      expect(answer.text).toBe(`${JSON.stringify(answer.body, null, 2)}\n`);
    });

    test('whatever is shipped, its export is taken back and makes the same type', async () => {
      const types = (await scene.call('list', 's', { query: { source: 'shipped' } })).body[kind.plural];
      expect(types.length).toBeGreaterThanOrEqual(5);
      for (const { id } of types) {
        const { text } = await file(id);
        expect((await scene.call('delete', '', { path: { id } })).status).toBe(204);
        const created = await scene.call('create', '', { body: text });
        expect([created.status, created.body[kind.member].source]).toEqual([201, 'user']);
        expect((await file(created.body[kind.member].id)).text).toBe(text);
      }
    });

    test('nothing of this installation is in it', async () => {
      const { id } = await scene.typeWith('one');
      const { body } = await file(id);
      const members = [
        'name',
        'displayName',
        'connectionFields',
        'backupCommand',
        'restoreCommand',
        'defaultPort',
        'monitoring',
        'commands',
      ];
      expect(members).toEqual(expect.arrayContaining(Object.keys(body)));
      expect(Object.keys(body.commands[0])).toEqual(['name', 'displayName', 'command', 'description', 'sortOrder']);
    });
  });

  describe('304', () => {
    test('until the type or one of its commands changes', async () => {
      const { id } = await scene.type();
      const etag = String((await file(id)).headers.etag);
      expect((await file(id, { 'if-none-match': etag })).status).toBe(304);
      await scene.call('create', 'Command', { path: { id }, body: { name: 'a', displayName: 'A', command: 'a' } });
      expect((await file(id, { 'if-none-match': etag })).status).toBe(200);
    });
  });

  describe('404', () => {
    test.each(['example', unknownId])('%s', async (id) => {
      expect((await file(id)).status).toBe(404);
    });
  });
  return scene;
}
