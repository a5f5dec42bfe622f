import { describeExportType } from '../types/exportType';
import { serviceKind } from '../types/kinds';

const scene = describeExportType(serviceKind);

test('texts come out byte for byte', async () => {
  const text = ' "quoted" \\ \t\n ünïcödé 🚢 ';
  const commands = [{ name: 'a', displayName: text, command: text, description: text, sortOrder: 3 }];
  const { id, name } = await scene.type({ displayName: text, commands });
  expect((await scene.call('export', '', { path: { id } })).body).toEqual({ name, displayName: text, commands });
});
