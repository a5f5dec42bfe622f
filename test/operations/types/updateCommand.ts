import { unique } from '../../support/fixtures';
import { type Kind, problemsOf, TypeScene, titled, unknownId } from './kinds';

export function describeUpdateCommand(kind: Kind): TypeScene {
  const scene = new TypeScene(kind);
  const update = (id: string, commandId: string, body: unknown, headers: Record<string, string> = {}) =>
    scene.call('update', 'Command', { path: { id, commandId }, body, headers });
  const made = async (members: object = {}) => {
    const { id, commands } = await scene.type({ commands: [{ name: 'run', displayName: 'Run', command: 'run', ...members }] });
    return { id, commandId: commands[0].id as string, command: commands[0] };
  };

  describe('200', () => {
    test.each([
      ['displayName', 'Other'],
      ['command', 'run --fast'],
      ['sortOrder', 12],
    ])('%s: absent keeps, null is refused, %p is set', async (member, value) => {
      const { id, commandId, command } = await made();
      expect((await update(id, commandId, {})).body.command).toEqual(command);
      const refused = await update(id, commandId, { [member]: null });
      expect([refused.status, refused.body.field]).toEqual([400, member]);
      expect((await update(id, commandId, { [member]: value })).body.command).toMatchObject({
        ...command,
        [member]: value,
        updatedAt: expect.anything(),
      });
    });

    test('description: absent keeps, null and "" clear, a value sets', async () => {
      const { id, commandId } = await made({ description: 'First.' });
      const described = async (body: object) => (await update(id, commandId, body)).body.command.description;
      expect(await described({ displayName: 'Other' })).toBe('First.');
      expect(await described({ description: null })).toBeNull();
      expect(await described({ description: 'Second.' })).toBe('Second.');
      expect(await described({ description: '' })).toBeNull();
    });

    test('a change shows in the type, and makes a shipped one customised', async () => {
      const { id, commands } = await scene.shipped();
      await update(id, commands[0].id, { displayName: 'Mine' });
      const type = await scene.get(id);
      expect([type.isCustomized, type.commands[0].displayName]).toEqual([true, 'Mine']);
    });

    test('a patch that changes nothing leaves versions, times and history alone', async () => {
      const { id, commandId, command } = await made();
      const before = await scene.call('get', '', { path: { id } });
      const answer = await update(id, commandId, { displayName: command.displayName, description: '' });
      expect([answer.status, answer.headers.etag?.slice(0, 3), answer.body.command]).toEqual([200, '"1.', command]);
      expect((await scene.call('get', '', { path: { id } })).headers.etag).toBe(before.headers.etag);
      expect(await scene.audit(id)).toHaveLength(1);
    });

    test('the audit row tells which command changed, and how', async () => {
      const { id, commandId } = await made();
      await update(id, commandId, { command: 'run --fast', sortOrder: 0 });
      expect((await scene.audit(id))[1]).toMatchObject({
        action: 'update',
        operation_id: `update${kind.name}Command`,
        details: { changed: ['commands'], command: 'run', before: { command: 'run' }, after: { command: 'run --fast' } },
      });
    });

    test('an Idempotency-Key is acted on once', async () => {
      const { id, commandId } = await made();
      const headers = { 'idempotency-key': unique('key') };
      const first = await update(id, commandId, { displayName: 'First' }, headers);
      await update(id, commandId, { displayName: 'Second' });
      expect((await update(id, commandId, { displayName: 'First' }, headers)).text).toBe(first.text);
      expect((await scene.get(id)).commands[0].displayName).toBe('Second');
    });
  });

  describe('400', () => {
    test.each(
      titled([
        [{ displayName: 'x'.repeat(101) }, 'displayName', 'maxLength'],
        [{ command: '' }, 'command', 'minLength'],
        [{ sortOrder: -1 }, 'sortOrder', 'minimum'],
        [{ desription: 'x' }, 'desription', 'unknown_member'],
      ]),
    )('%s', async (_, body, field, code) => {
      const { id, commandId } = await made();
      const answer = await update(id, commandId, body);
      expect(answer.status).toBe(400);
      expect(problemsOf(answer)).toEqual([[field, code]]);
    });
  });

  describe('404', () => {
    test('an unknown type, an unknown command, a command of another type; also with a bad body', async () => {
      const { id, commandId } = await made();
      const other = await made();
      for (const [typeId, ofType] of [
        [unknownId, commandId],
        [id, unknownId],
        [other.id, commandId],
      ] as const) {
        expect((await update(typeId, ofType, { displayName: '' })).status).toBe(404);
      }
      expect((await scene.get(id)).commands[0].displayName).toBe('Run');
    });
  });

  describe('412', () => {
    test('when If-Match names another version of the command; changes of its neighbours do not count', async () => {
      const { id, commands } = await scene.typeWith('one', 'two');
      const [one, two] = commands.map((command: { id: string }) => command.id);
      const etag = String((await scene.call('get', 'Command', { path: { id, commandId: one } })).headers.etag);
      await update(id, two, { displayName: 'Other' });
      expect((await update(id, one, { displayName: 'A' }, { 'if-match': etag })).status).toBe(200);
      expect((await update(id, one, { displayName: 'B' }, { 'if-match': etag })).status).toBe(412);
    });
  });

  describe('422', () => {
    test('name stays, and the answer says so', async () => {
      const { id, commandId } = await made();
      const answer = await update(id, commandId, { name: 'other' });
      expect([answer.status, answer.body.field]).toEqual([422, 'name']);
      expect(answer.body.hint).toBe('It is set when the object is created and stays.');
    });
  });
  return scene;
}
