import { databaseKind, problemsOf } from '../types/kinds';
import { describeUpdateCommand } from '../types/updateCommand';

const scene = describeUpdateCommand(databaseKind);

test('400: a placeholder that is no field', async () => {
  const { id, commands } = await scene.typeWith('one');
  const answer = await scene.call('update', 'Command', {
    path: { id, commandId: commands[0].id },
    body: { command: 'cli {{host}}' },
  });
  expect([answer.status, problemsOf(answer)]).toEqual([400, [['command', 'unknown_reference']]]);
  expect((await scene.get(id)).commands[0].command).toBe('run one');
});
