import { databaseKind } from '../types/kinds';
import { describeResetType } from '../types/resetType';

const scene = describeResetType(databaseKind);

test('fields, programs, port and monitoring are as shipped again', async () => {
  const shipped = await scene.shipped('sqlite');
  for (const { id: commandId } of shipped.commands)
    await scene.call('delete', 'Command', { path: { id: shipped.id, commandId } });
  const other = { connectionFields: [], backupCommand: null, restoreCommand: null, defaultPort: 1, monitoring: null };
  expect((await scene.call('update', '', { path: { id: shipped.id }, body: other })).status).toBe(200);
  const { databaseType } = (await scene.call('reset', '', { path: { id: shipped.id } })).body;
  for (const member of Object.keys(other)) expect([member, databaseType[member]]).toEqual([member, shipped[member]]);
});
