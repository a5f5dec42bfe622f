import Ajv2020 from 'ajv/dist/2020';
import type { Issue, IssueLocation } from '../../src/domain/errors';
import { didYouMean, issuesOf } from '../../src/http/issues';
import type { OperationFacts } from '../../src/http/operationFacts';
import { fieldPath } from '../../src/http/requestBody';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'type'],
  properties: {
    name: { type: 'string', minLength: 2, maxLength: 5 },
    type: { enum: ['generic', 'dockerhub'] },
    kind: { const: 'boat' },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    share: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    note: { type: ['string', 'null'], pattern: '^[a-z]*$' },
    standard: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }], maxLength: 5 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3, uniqueItems: true },
    baseEnv: {
      type: 'object',
      maxProperties: 2,
      propertyNames: { pattern: '^[A-Z_]+$' },
      additionalProperties: { type: 'string' },
    },
    connectionFields: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: { type: 'string' }, type: { enum: ['text', 'secret'] }, defaultValue: { type: 'string' } },
      },
    },
  },
};
const facts = {
  method: 'patch',
  query: { limit: { type: 'integer' }, updatedAfter: { type: 'string' } },
  body: {
    required: true,
    kind: 'object',
    schema: 'BoatUpdate',
    members: { '': Object.keys(schema.properties), 'connectionFields[]': ['name', 'type', 'defaultValue'] },
    readOnly: { lastRefreshAt: 'Leave it out; Portolan sets it.' },
  },
} as unknown as OperationFacts;
const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);

function issues(value: unknown, location: IssueLocation = 'body'): Issue[] {
  expect(validate(value)).toBe(false);
  return issuesOf(validate.errors as never, value, location, facts);
}
const good = { name: 'argo', type: 'generic' };
const places = (value: unknown) => issues(value).map(({ field, code }) => `${field} ${code}`);

describe('order', () => {
  test('is that of the document, whatever the schema says', () => {
    expect(places({ port: 0, zzz: 1, type: 'x', name: '' })).toEqual([
      'port minimum',
      'zzz unknown_member',
      'type enum',
      'name minLength',
    ]);
    expect(places({ name: '', type: 'x', zzz: 1, port: 0 })).toEqual([
      'name minLength',
      'type enum',
      'zzz unknown_member',
      'port minimum',
    ]);
  });

  test('goes into objects and arrays where they stand', () => {
    const value = { connectionFields: [{ name: 'a' }, { zz: 1, type: 'x', name: 2 }, 7], port: 0, ...good };
    expect(places(value)).toEqual([
      'connectionFields[1].zz unknown_member',
      'connectionFields[1].type enum',
      'connectionFields[1].name type',
      'connectionFields[2] type',
      'port minimum',
    ]);
  });

  test('has what is missing behind what is there, inside and outside', () => {
    expect(places({ connectionFields: [{ type: 'x' }], port: 0 })).toEqual([
      'connectionFields[0].type enum',
      'connectionFields[0].name required',
      'port minimum',
      'name required',
      'type required',
    ]);
  });

  test('puts an object before its members, and eleven entries in their order', () => {
    expect(places({ ...good, baseEnv: { A: 1, B: 2, C: 3 } })).toEqual([
      'baseEnv maxItems',
      'baseEnv.A type',
      'baseEnv.B type',
      'baseEnv.C type',
    ]);
    const tags = { ...good, connectionFields: Array.from({ length: 12 }, () => 7) };
    expect(issues(tags).map(({ field }) => field)).toEqual(Array.from({ length: 12 }, (_, i) => `connectionFields[${i}]`));
  });
});

describe('fields', () => {
  test.each([
    [['a'], 'a'],
    [['a', 'b'], 'a.b'],
    [['connectionFields', 0, 'type'], 'connectionFields[0].type'],
    [['baseEnv', 'MY KEY'], 'baseEnv["MY KEY"]'],
    [['baseEnv', 'a"b\\'], 'baseEnv["a\\"b\\\\"]'],
    [['baseEnv', ''], 'baseEnv[""]'],
    [['1st'], '["1st"]'],
    [[2], '[2]'],
    [[2, 'x'], '[2].x'],
    [['$a_1'], '$a_1'],
    [[], ''],
  ])('%j is %s', (parts, path) => expect(fieldPath(parts)).toBe(path));

  test.each([
    [{ baseEnv: { 'MY KEY': 'x' } }, 'baseEnv["MY KEY"]', 'pattern'],
    [{ baseEnv: { 'A/B~C': 7 } }, 'baseEnv["A/B~C"]', 'type'],
    [{ baseEnv: { A: null } }, 'baseEnv.A', 'type'],
    [{ tags: ['a', 7] }, 'tags[1]', 'type'],
    [{ '': 1 }, '[""]', 'unknown_member'],
    [{ 'a.b': 1 }, '["a.b"]', 'unknown_member'],
    [{ toString: 1 }, 'toString', 'unknown_member'],
  ])('%j has its problem at %s', (value, field, code) => {
    expect(places({ ...good, ...value })).toContain(`${field} ${code}`);
  });

  test('of a query are written as they came', () => {
    const found = issuesOf(
      [{ instancePath: '', keyword: 'additionalProperties', params: { additionalProperty: 'a[b]' } }],
      { 'a[b]': '1' },
      'query',
      facts,
    );
    expect(found).toEqual([expect.objectContaining({ in: 'query', field: 'a[b]', code: 'unknown_parameter' })]);
    const entry = issuesOf(
      [{ instancePath: '/type/1', keyword: 'enum', params: { allowedValues: ['a'] } }],
      { type: ['a', 'b'] },
      'query',
      facts,
    );
    expect(entry[0]?.field).toBe('type[1]');
  });
});

describe('codes and messages', () => {
  test.each([
    [{ name: 7 }, 'name', 'type', 'Must be a string.'],
    [{ port: 7.5 }, 'port', 'type', 'Must be an integer.'],
    [{ port: '7' }, 'port', 'type', 'Must be an integer.'],
    [{ note: 7 }, 'note', 'type', 'Must be a string or null.'],
    [{ tags: {} }, 'tags', 'type', 'Must be an array.'],
    [{ baseEnv: [] }, 'baseEnv', 'type', 'Must be an object.'],
    [{ type: 'x' }, 'type', 'enum', 'Must be generic or dockerhub.'],
    [{ kind: 'x' }, 'kind', 'enum', 'Must be boat.'],
    [{ note: 'A' }, 'note', 'pattern', 'Must match ^[a-z]*$.'],
    [{ name: 'x' }, 'name', 'minLength', 'Must have at least 2 characters.'],
    [{ name: 'xxxxxx' }, 'name', 'maxLength', 'Must have at most 5 characters.'],
    [{ port: 0 }, 'port', 'minimum', 'Must be at least 1.'],
    [{ port: 65536 }, 'port', 'maximum', 'Must be at most 65535.'],
    [{ tags: [] }, 'tags', 'minItems', 'Must have at least 1 entry.'],
    [{ tags: ['a', 'b', 'c', 'd'] }, 'tags', 'maxItems', 'Must have at most 3 entries.'],
    [{ tags: ['a', 'a'] }, 'tags', 'unique', 'Entries must differ from each other.'],
    [{ name: undefined }, 'name', 'required', 'This member is required.'],
  ])('%j', (members, field, code, message) => {
    const value = JSON.parse(JSON.stringify({ ...good, ...members }));
    expect(issues(value)).toContainEqual(expect.objectContaining({ in: 'body', field, code, message }));
  });

  test('one of several schemas that do not fit: all their types, once', () => {
    const [only, ...others] = issues({ ...good, standard: true });
    expect([only, others]).toEqual([
      { in: 'body', field: 'standard', code: 'type', message: 'Must be a string or a number or null.' },
      [],
    ]);
  });

  test('a reason that two branches of a schema find is told once', () => {
    const error = { instancePath: '/port', keyword: 'type', params: { type: 'integer' } };
    expect(issuesOf([error, { ...error }], { port: 'x' }, 'body', facts)).toHaveLength(1);
  });
});

describe('members', () => {
  const only = (value: object): Issue => issues({ ...good, ...value })[0] as Issue;

  test('a read-only one is told with its way out', () => {
    expect(only({ lastRefreshAt: null })).toEqual({
      in: 'body',
      field: 'lastRefreshAt',
      code: 'read_only',
      message: 'Field "lastRefreshAt" is read-only and cannot be set via PATCH.',
      hint: 'Leave it out; Portolan sets it.',
    });
  });

  test('the same name inside another object is merely unknown', () => {
    expect(only({ connectionFields: [{ name: 'a', lastRefreshAt: null }] })).toMatchObject({ code: 'unknown_member' });
  });

  test.each(['constructor', 'hasOwnProperty', 'valueOf'])('%s is unknown, not read-only', (name) => {
    expect(only({ [name]: 1 })).toMatchObject({ field: name, code: 'unknown_member', message: 'Not a member of BoatUpdate.' });
  });

  test('the hint names members of the place', () => {
    expect(only({ connectionFields: [{ name: 'a', typ: 'text' }] }).hint).toBe('Did you mean type?');
    expect(only({ connectionFields: [{ name: 'a', qqqqq: 1 }] }).hint).toBe('Known: name, type, defaultValue.');
  });
});

describe('did you mean', () => {
  const known = ['name', 'refreshIntervalMinutes', 'registryUrl', 'isDefault', 'autoLinkPattern'];
  test.each([
    ['nam', 'name'],
    ['naem', 'name'],
    ['Name', 'name'],
    ['registry_url', 'registryUrl'],
    ['registryURL', 'registryUrl'],
    ['url', 'registryUrl'],
    ['default', 'isDefault'],
    ['refreshInterval', 'refreshIntervalMinutes'],
    ['refresh-interval-minutes', 'refreshIntervalMinutes'],
    ['pattern', 'autoLinkPattern'],
  ])('%s: %s', (wrong, right) => expect(didYouMean(wrong, known)).toBe(`Did you mean ${right}?`));

  test('lists what there is when nothing is near, and says to leave it out when there is nothing', () => {
    expect(didYouMean('qqqqqqq', known)).toBe(`Known: ${known.join(', ')}.`);
    expect(didYouMean('x', [])).toBe('Leave it out.');
  });
});
