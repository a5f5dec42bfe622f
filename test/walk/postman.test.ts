import { join } from 'node:path';
import { readContract, type Schema } from '../../scripts/generate/contract';
import { collectionOf } from '../../scripts/generate/postman';
import { draft07 } from '../../scripts/generate/postman/draft07';
import { given } from '../../scripts/generate/walk/table';

const contract = readContract(join(__dirname, '..', '..'));
const collection = collectionOf(contract);
const items = collection.item.flatMap((folder) => folder.item);
const itemOf = (name: string) => items.find((item) => item.name === name) as (typeof items)[number];
const testOf = (name: string): string => itemOf(name).event.at(-1)?.script.exec.join('\n') as string;

test('the collection sends the token, public operations nothing, and the token endpoint its client', () => {
  expect(collection.auth).toMatchObject({ type: 'bearer', bearer: [{ key: 'token', value: '{{token}}' }] });
  expect(itemOf('login').request).toMatchObject({ auth: { type: 'noauth' } });
  expect(itemOf('listApps').request).not.toHaveProperty('auth');
  expect(itemOf('createOauthToken').request).toMatchObject({ auth: { type: 'basic' } });
});

test('ids are unique and follow from the names: scripts name the next request by them', () => {
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  expect(itemOf('getJob: after deleteApp').id).toBe('getJob-after-deleteApp');
});

test('each request tests the status and the schema of its answer', () => {
  for (const { name } of items) expect([name, testOf(name)]).toEqual([name, expect.stringMatching(/pm\.test\('\d{3} /)]);
  expect(testOf('createEnvironment')).toContain("pm.test('201 Created', () => pm.response.to.have.status(201));");
  expect(testOf('createEnvironment')).toContain("pm.test('the body is an EnvironmentResponse'");
  expect(testOf('createEnvironment')).toContain(
    "pm.collectionVariables.set('environmentId', pm.response.json().environment?.id);",
  );
});

test('each script is one that can be read', () => {
  for (const { event } of items)
    for (const { script } of event) expect(() => new Function('pm', script.exec.join('\n'))).not.toThrow();
});

test('only variables of the walk stand in braces: what the contract writes so is a text', () => {
  const known = new Set([...collection.variable.map(({ key }) => key), ...given.map(({ name }) => name), '$guid']);
  const requests = JSON.stringify(items.map(({ request: { url, header, body, auth } }: any) => ({ url, header, body, auth })));
  const used = new Set([...requests.matchAll(/{{([^}]*)}}/g)].map((match) => match[1]));
  expect([...used].filter((name) => !known.has(name as string))).toEqual([]);
  const { raw } = (itemOf('createDatabaseType').request as any).body;
  expect(raw).toContain('{\\u007bpassword}}');
  expect(JSON.parse(raw).backupCommand).toContain('{{password}}');
});

test('whatever else an operation takes is offered, and switched off', () => {
  const { url, header } = itemOf('listRegistries').request;
  expect((url as any).query).toContainEqual(expect.objectContaining({ key: 'type', disabled: true }));
  expect(itemOf('updateRegistry').request.header).toContainEqual(expect.objectContaining({ key: 'If-Match', disabled: true }));
  expect(header).toEqual([]);
});

test('the file is of a size that Postman opens at once', () => {
  expect(JSON.stringify(collection).length).toBeLessThan(3_000_000);
});

describe('schemas', () => {
  const convert = (schema: Schema, schemas: object = {}) => draft07({ ...contract, components: { schemas } } as never, schema);

  test('bring what they refer to, through circles too, and nothing else', () => {
    const Ship = { type: 'object', properties: { escort: { $ref: '#/components/schemas/Ship' } } };
    expect(convert({ $ref: '#/components/schemas/Ship' }, { Ship, Boat: {} })).toEqual({
      $ref: '#/definitions/Ship',
      definitions: { Ship: { type: 'object', properties: { escort: { $ref: '#/definitions/Ship' } } } },
    });
  });

  test('keep what stands beside a reference', () => {
    expect(
      convert({ $ref: '#/components/schemas/Name', maxLength: 9, description: 'Short' }, { Name: { type: 'string' } }),
    ).toEqual({
      allOf: [{ $ref: '#/definitions/Name' }, { maxLength: 9 }],
      definitions: { Name: { type: 'string' } },
    });
  });

  test('keep members whatever they are called, and values whatever they hold', () => {
    const schema = { properties: { description: { type: 'string' }, 'x-kind': { enum: [{ description: 1 }] } } };
    expect(convert(schema)).toEqual(schema);
  });

  test('leave out formats that Postman does not know', () => {
    expect(convert({ type: 'integer', format: 'int64' })).toEqual({ type: 'integer' });
  });
});
