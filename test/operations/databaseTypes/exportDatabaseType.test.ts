import { describeExportType } from '../types/exportType';
import { databaseKind } from '../types/kinds';

const scene = describeExportType(databaseKind);

test('number defaults are numbers in the file', async () => {
  const { id } = await scene.shipped('postgres');
  const { body } = await scene.call('export', '', { path: { id } });
  expect(body.connectionFields.find(({ name }: { name: string }) => name === 'port').default).toBe(5432);
});
