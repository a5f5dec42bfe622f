import { describeCreateCommand } from '../types/createCommand';
import { databaseKind, problemsOf } from '../types/kinds';

const scene = describeCreateCommand(databaseKind);

describe('placeholders', () => {
  const add = async (command: string) => {
    const connectionFields = [
      { name: 'host', label: 'Host', type: 'text' },
      { name: 'secret', label: 'Secret', type: 'password' },
    ];
    const { id } = await scene.type({ connectionFields });
    return scene.call('create', 'Command', { path: { id }, body: { name: 'a', displayName: 'A', command } });
  };

  test.each(['cli {{host}}', 'TOKEN={{secret}} cli', 'cli --config {{yamlFile:secret}}', 'cli {{outputFile}} {{sslMode}}'])(
    '201: %s',
    async (command) => {
      expect((await add(command)).body.command.command).toBe(command);
    },
  );

  test.each([
    ['cli {{hots}}', 'unknown_reference', 'Did you mean {{host}}?'],
    ['cli {{secret}}', 'inconsistent', expect.stringContaining('NAME={{secret}}')],
    ['cli | less', 'pattern', expect.any(String)],
  ])('400: %s', async (command, code, hint) => {
    const answer = await add(command);
    expect(answer.status).toBe(400);
    expect(problemsOf(answer)).toEqual([['command', code]]);
    expect(answer.body.hint).toEqual(hint);
  });
});
