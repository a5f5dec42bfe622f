import { type Kind, TypeScene, unknownId } from './kinds';

export function describeGetCommand(kind: Kind): void {
  const scene = new TypeScene(kind);
  const get = (id: string, commandId: string, headers: Record<string, string> = {}) =>
    scene.call('get', 'Command', { path: { id, commandId }, headers });

  test('200: the command as its type shows it', async () => {
    const { id, commands } = await scene.typeWith('one', 'two');
    const answer = await get(id, commands[1].id);
    expect([answer.status, answer.body.command]).toEqual([200, commands[1]]);
    expect(answer.headers.etag).toMatch(/^"1\./);
  });

  test('304: until the command changes', async () => {
    const { id, commands } = await scene.typeWith('one', 'two');
    const etag = String((await get(id, commands[0].id)).headers.etag);
    await scene.call('update', 'Command', { path: { id, commandId: commands[1].id }, body: { command: 'changed' } });
    expect((await get(id, commands[0].id, { 'if-none-match': etag })).status).toBe(304);
    await scene.call('update', 'Command', { path: { id, commandId: commands[0].id }, body: { command: 'changed' } });
    expect((await get(id, commands[0].id, { 'if-none-match': etag })).status).toBe(200);
  });

  test('404: an unknown type, an unknown command, and a command of another type', async () => {
    const { id, commands } = await scene.typeWith('one');
    const other = await scene.typeWith('one');
    for (const [typeId, commandId, noun] of [
      [unknownId, commands[0].id, kind.noun],
      [id, unknownId, 'command'],
      [other.id, commands[0].id, 'command'],
    ]) {
      const answer = await get(typeId, commandId);
      expect([answer.status, answer.body.message]).toMatchObject([404, expect.stringContaining(`There is no ${noun} `)]);
    }
  });
}
