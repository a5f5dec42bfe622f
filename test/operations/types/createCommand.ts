import { unique } from '../../support/fixtures';
import { type Kind, problemsOf, TypeScene, titled, unknownId } from './kinds';

export function describeCreateCommand(kind: Kind): TypeScene {
  const scene = new TypeScene(kind);
  const add = (id: string, members: object = {}, headers: Record<string, string> = {}) =>
    scene.call('create', 'Command', {
      path: { id },
      headers,
      body: { name: unique('command'), displayName: 'Run', command: 'run', ...members },
    });

  describe('201', () => {
    test('the command is fetchable at its Location, with the same ETag', async () => {
      const { id } = await scene.type();
      const answer = await add(id, { name: 'run-it', description: 'Runs it.' });
      const { command } = answer.body;
      expect(answer.status).toBe(201);
      expect(command).toMatchObject({
        name: 'run-it',
        displayName: 'Run',
        command: 'run',
        description: 'Runs it.',
        sortOrder: 0,
      });
      expect([command[kind.ownerId], command[kind.otherId]]).toEqual([id, null]);
      expect(answer.headers.location).toBe(`${kind.path}/${id}/commands/${command.id}`);
      const read = await scene.portolan.send('GET', String(answer.headers.location));
      expect([read.body, read.headers.etag]).toEqual([answer.body, answer.headers.etag]);
    });

    test('without sortOrder it comes last', async () => {
      const { id } = await scene.type();
      const places: number[] = [];
      for (const members of [{}, {}, { sortOrder: 7 }, {}, { sortOrder: 2 }, {}])
        places.push((await add(id, members)).body.command.sortOrder);
      expect(places).toEqual([0, 1, 7, 8, 2, 9]);
    });

    test('behind the highest place there is none higher', async () => {
      const { id } = await scene.type();
      await add(id, { sortOrder: 1_000_000 });
      expect((await add(id)).body.command.sortOrder).toBe(1_000_000);
    });

    test('commands that come at once get places of their own', async () => {
      const { id } = await scene.type();
      const answers = await Promise.all(Array.from({ length: 5 }, () => add(id)));
      expect(answers.map(({ body }) => body.command.sortOrder).sort()).toEqual([0, 1, 2, 3, 4]);
    });

    test('a shipped type counts as customised, a type of a user does not', async () => {
      const [shipped, own] = [await scene.shipped(), await scene.type()];
      await add(shipped.id);
      await add(own.id);
      expect((await scene.get(shipped.id)).isCustomized).toBe(true);
      expect((await scene.get(own.id)).isCustomized).toBe(false);
    });

    test('two types may have commands of the same name', async () => {
      const [one, two] = [await scene.typeWith('same'), await scene.type()];
      expect(one.commands[0].name).toBe('same');
      expect((await add(two.id, { name: 'same' })).status).toBe(201);
    });

    test('the audit row tells it of the type', async () => {
      const { id, name } = await scene.type();
      await add(id, { name: 'told' });
      expect((await scene.audit(id))[1]).toEqual({
        action: 'update',
        operation_id: `create${kind.name}Command`,
        resource_type: kind.resourceType,
        resource_name: name,
        details: {
          changed: ['commands'],
          command: 'told',
          before: null,
          after: { name: 'told', displayName: 'Run', command: 'run', description: null, sortOrder: 0 },
        },
      });
    });

    test('an Idempotency-Key is acted on once', async () => {
      const { id } = await scene.type();
      const headers = { 'idempotency-key': unique('key') };
      const first = await add(id, { name: 'once' }, headers);
      const again = await add(id, { name: 'once' }, headers);
      expect([again.headers['idempotent-replayed'], again.headers.location]).toEqual(['true', first.headers.location]);
      expect((await scene.get(id)).commands).toHaveLength(1);
    });
  });

  describe('400', () => {
    test.each(
      titled([
        [{ name: 'Not This' }, 'name', 'pattern'],
        [{ name: undefined }, 'name', 'required'],
        [{ displayName: '' }, 'displayName', 'minLength'],
        [{ command: '' }, 'command', 'minLength'],
        [{ command: 'x'.repeat(4001) }, 'command', 'maxLength'],
        [{ description: 7 }, 'description', 'type'],
        [{ sortOrder: -1 }, 'sortOrder', 'minimum'],
        [{ sortOrder: 1_000_001 }, 'sortOrder', 'maximum'],
        [{ sortOrder: '1' }, 'sortOrder', 'type'],
        [{ sort_order: 1 }, 'sort_order', 'unknown_member'],
      ]),
    )('%s', async (_, members, field, code) => {
      const { id } = await scene.type();
      const answer = await add(id, members);
      expect(answer.status).toBe(400);
      expect(problemsOf(answer)).toEqual([[field, code]]);
    });
  });

  describe('404', () => {
    test.each(['example', unknownId])('%s, also with a bad body', async (id) => {
      expect((await add(id, { name: '' })).status).toBe(404);
    });
  });

  describe('409', () => {
    test('when another command of the type has the name', async () => {
      const { id, commands } = await scene.typeWith('taken');
      const answer = await add(id, { name: 'taken' });
      expect([answer.status, answer.body.field]).toEqual([409, 'name']);
      expect(answer.body.details).toEqual({ conflictsWith: { type: 'command', id: commands[0].id } });
    });

    test('when the type is full', async () => {
      const { id } = await scene.typeWith(...Array.from({ length: 200 }, (_, index) => `c${index}`));
      const answer = await add(id);
      expect([answer.status, answer.body.details]).toEqual([409, { state: 'full' }]);
    });
  });

  describe('422', () => {
    test.each(['id', 'serviceTypeId', 'databaseTypeId', 'createdAt', 'updatedAt'])('%s', async (member) => {
      const { id } = await scene.type();
      const answer = await add(id, { [member]: null });
      expect([answer.status, answer.body.field]).toEqual([422, member]);
    });
  });
  return scene;
}
