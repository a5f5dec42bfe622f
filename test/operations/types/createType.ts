import { unique } from '../../support/fixtures';
import { type Kind, problemsOf, TypeScene, titled } from './kinds';

export function describeCreateType(kind: Kind): TypeScene {
  const scene = new TypeScene(kind);
  const create = (members: object, more: object = {}) =>
    scene.call('create', '', { body: { name: unique('type'), displayName: 'A type', ...kind.needed, ...members }, ...more });
  const command = (name: string, members: object = {}) => ({
    name,
    displayName: name.toUpperCase(),
    command: `run ${name}`,
    ...members,
  });

  describe('201', () => {
    test('the type is fetchable at its Location, and its ETag is the one that a read gives', async () => {
      const answer = await create({ commands: [command('one', { description: 'First.' })] });
      expect(answer.status).toBe(201);
      const type = answer.body[kind.member];
      expect(answer.headers.location).toBe(`${kind.path}/${type.id}`);
      expect(type).toMatchObject({ source: 'user', isCustomized: false });
      expect(type.commands).toMatchObject([
        {
          name: 'one',
          displayName: 'ONE',
          command: 'run one',
          description: 'First.',
          sortOrder: 0,
          [kind.ownerId]: type.id,
          [kind.otherId]: null,
        },
      ]);
      const read = await scene.portolan.send('GET', String(answer.headers.location));
      expect(read.body[kind.member]).toEqual(type);
      expect(read.headers.etag).toBe(answer.headers.etag);
    });

    test('a command without sortOrder comes after those before it', async () => {
      const answer = await create({
        commands: [command('a'), command('b', { sortOrder: 5 }), command('c'), command('d', { sortOrder: 0 }), command('e')],
      });
      const places = answer.body[kind.member].commands.map(({ name, sortOrder }: any) => [name, sortOrder]);
      expect(places).toEqual([
        ['a', 0],
        ['d', 0],
        ['b', 5],
        ['c', 6],
        ['e', 7],
      ]);
    });

    test('an empty description is none', async () => {
      const answer = await create({ commands: [command('a', { description: '' }), command('b', { description: null })] });
      expect(answer.body[kind.member].commands.map(({ description }: any) => description)).toEqual([null, null]);
    });

    test('the audit row names the type and what was given', async () => {
      const { id, name } = await scene.type();
      const given = ['name', 'displayName', ...Object.keys(kind.needed)];
      expect(await scene.audit(id)).toEqual([
        {
          action: 'create',
          operation_id: `create${kind.name}`,
          resource_type: kind.resourceType,
          resource_name: name,
          details: { changed: given },
        },
      ]);
    });

    test('an Idempotency-Key is acted on once', async () => {
      const [headers, name] = [{ 'idempotency-key': unique('key') }, unique('type')];
      const first = await create({ name }, { headers });
      const again = await create({ name }, { headers });
      expect([again.status, again.headers['idempotent-replayed'], again.text]).toEqual([201, 'true', first.text]);
    });
  });

  describe('400', () => {
    test.each(
      titled([
        [{ name: 'My Type' }, 'name', 'pattern'],
        [{ name: 'x'.repeat(51) }, 'name', 'maxLength'],
        [{ displayName: '' }, 'displayName', 'minLength'],
        [{ displayName: 'x'.repeat(101) }, 'displayName', 'maxLength'],
        [{ commands: {} }, 'commands', 'type'],
        [{ commands: null }, 'commands', 'type'],
        [{ commands: [command('A')] }, 'commands[0].name', 'pattern'],
        [{ commands: [command('a'), { name: 'b', displayName: 'B' }] }, 'commands[1].command', 'required'],
        [{ commands: [command('a', { command: '' })] }, 'commands[0].command', 'minLength'],
        [{ commands: [command('a', { command: 'x'.repeat(4001) })] }, 'commands[0].command', 'maxLength'],
        [{ commands: [command('a', { sortOrder: -1 })] }, 'commands[0].sortOrder', 'minimum'],
        [{ commands: [command('a', { sortOrder: 1.5 })] }, 'commands[0].sortOrder', 'type'],
        [{ commands: [command('a', { id: unique('id') })] }, 'commands[0].id', 'unknown_member'],
        [{ commands: [command('a'), command('b'), command('a')] }, 'commands[2].name', 'unique'],
        [{ commands: Array.from({ length: 201 }, (_, index) => command(`c${index}`)) }, 'commands', 'maxItems'],
        [{ dispalyName: 'x' }, 'dispalyName', 'unknown_member'],
      ]),
    )('%s', async (_, members, field, code) => {
      const answer = await create(members);
      expect(answer.status).toBe(400);
      expect(problemsOf(answer)).toEqual([[field, code]]);
    });

    test('a name of the wrong form is answered with the right one', async () => {
      expect((await create({ name: 'My Type' })).body.hint).toBe('Use a-z, 0-9 and -.');
      expect((await create({ commands: [command('A')] })).body.hint).toBe('Use a-z, 0-9 and -.');
    });
  });

  describe('409', () => {
    test.each(['shipped', 'user'])('when the name is that of a type of the source %s', async (source) => {
      const taken = source === 'user' ? await scene.type() : await scene.shipped();
      const answer = await create({ name: taken.name });
      expect([answer.status, answer.body.field, answer.body.details]).toEqual([
        409,
        'name',
        { conflictsWith: { type: kind.resourceType, id: taken.id } },
      ]);
    });

    test('when two requests take one name at once, one gets it', async () => {
      const name = unique('raced');
      const answers = await Promise.all(Array.from({ length: 4 }, () => create({ name })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      for (const { body, status } of answers) if (status === 409) expect(body.field).toBe('name');
    });
  });

  describe('422', () => {
    test.each(['id', 'source', 'isCustomized', '_count', 'createdAt', 'updatedAt'])('%s', async (member) => {
      const answer = await create({ [member]: null });
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
    });
  });
  return scene;
}
