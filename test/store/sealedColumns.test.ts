import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSealedPlace, sealedColumns } from '../../src/store/sealedColumns';
import { seal } from '../../src/store/sealing';
import { testKeyring } from '../support/config';
import { type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test('the list holds every column of the schema that is called sealed', async () => {
  const rows = await portolan.sql(`
    select table_name || '.' || column_name as place from information_schema.columns
    where table_schema = 'public' and column_name like '%sealed%' order by 1`);
  expect(sealedColumns.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(rows.map(({ place }) => place));
});

test('the ids are the primary keys, of the types that the list says', async () => {
  const rows = await portolan.sql(`
    select relname as "table", attname as id, format_type(atttypid, null) as "idType" from pg_index
    join pg_class on pg_class.oid = indrelid join pg_attribute on attrelid = indrelid and attnum = any(indkey)
    where indisprimary and array_length(indkey::int2[], 1) = 1`);
  for (const { table, id, idType } of sealedColumns) expect(rows).toContainEqual({ table, id, idType });
});

test('the list holds every place that the sources name', () => {
  const root = join(__dirname, '..', '..', 'src');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.name.endsWith('.ts'));
  const named = files.flatMap((entry) => {
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    return [...text.matchAll(/\btable: '(\w+)', column: '(\w+)', rowId\b/g)].map(([, table, column]) => [table, column]);
  });
  expect(named.length).toBeGreaterThanOrEqual(4);
  for (const [table, column] of named)
    expect([table, column, isSealedPlace(table as string, column as string)]).toEqual([table, column, true]);
});

test('nothing is sealed for a place that the list does not hold', () => {
  const place = { table: 'registries', column: 'autoLinkPattern', rowId: '01920000-0000-7000-8000-000000000001' };
  expect(() => seal(testKeyring, place, 'x')).toThrow('registries.autoLinkPattern is not among the sealed columns');
});
