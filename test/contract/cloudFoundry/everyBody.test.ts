import type { OperationId } from '../../../generated/operations';
import { refusalOf, statusAndCode } from '../../support/cloudFoundry/v3Answers';
import { bodySchemaOf, factsOf, resolve, type Schema, v3Ids } from '../../support/contract';
import { token } from '../../support/fixtures';
import { acceptableBody, makeObjects, type Objects, pathOf } from '../../support/objects';
import { type Call, type Portolan, startPortolan } from '../../support/portolan';

/** What every operation of /v3 makes of a body, before it looks at what the body means. */

const withBody = v3Ids.filter((id) => factsOf(id).body);
const withoutBody = v3Ids.filter((id) => !factsOf(id).body && factsOf(id).method !== 'get');
const each = (ids: readonly OperationId[]) => test.each(ids.map((id) => [id] as const));

let portolan: Portolan;
let objects: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  objects = await makeObjects(portolan, { userId: admin.userId });
});
afterAll(() => portolan.close());

const send = (id: OperationId, body: unknown, more: Call = {}) =>
  portolan.call(id, { path: pathOf(id, objects).path, ...(body === undefined ? {} : { body }), ...more });
const bodyOf = (id: OperationId) => acceptableBody(id, objects) as Record<string, unknown>;

/** The members of an object schema, its branches' included. */
function membersOf(given: Schema | undefined): Record<string, Schema> {
  const schema = resolve(given);
  if (!schema) return {};
  const branches = [
    ...((schema.allOf ?? []) as Schema[]),
    ...((schema.oneOf ?? []) as Schema[]),
    ...((schema.anyOf ?? []) as Schema[]),
  ];
  return Object.assign({}, schema.properties, ...branches.map(membersOf));
}

describe('syntax', () => {
  const oversized = `{"a":"${'x'.repeat(1024 * 1024)}"}`;
  const wrong: [string, string][] = [
    ['no JSON', '{"a": oops}'],
    ['half of it', '{"a": '],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['a number', '7'],
    ['a truth value', 'true'],
    ['two values', '{} {}'],
    ['a member twice', '{"a": 1, "a": 2}'],
    ['too many levels', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`],
    ['more than 1 MiB', oversized],
  ];
  describe.each(wrong)('%s', (_name, body) => {
    each(withBody)('%s answers 400 1001', async (id) => {
      expect(statusAndCode(await send(id, body))).toEqual([400, 1001]);
    });
  });

  const unstorable: [string, string, string][] = [
    ['a member that no object can have', '{"__proto__": {}}', '__proto__'],
    ['U+0000', '{"a": "\\u0000"}', 'a'],
    ['half of a surrogate pair', '{"a": "\\ud800"}', 'a'],
  ];
  describe.each(unstorable)('%s is a bad value', (_name, body, member) => {
    each(withBody)('%s answers 422 10008 and names it', async (id) => {
      const answer = await send(id, body);
      expect(statusAndCode(answer)).toEqual([422, 10008]);
      expect(answer.body.errors[0].detail).toContain(`'${member}'`);
    });
  });

  each(withBody)('%s answers 400 1001 to bytes that are no UTF-8', async (id) => {
    expect(statusAndCode(await send(id, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])))).toEqual([400, 1001]);
  });

  each(withBody)('%s takes any content type, and none', async (id) => {
    const body = { ...bodyOf(id), zzUnheardOf: 1 };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=iso-8859-1', '']) {
      const answer = await send(id, body, { headers: { 'content-type': type } });
      expect([type, ...statusAndCode(answer)]).toEqual([type, 422, 10008]);
    }
  });

  each(withBody)('%s reads no body as an empty one', async (id) => {
    const [empty, none] = [await send(id, '{}'), await send(id, '')];
    expect([none.status, none.status >= 400 && none.text]).toEqual([empty.status, empty.status >= 400 && empty.text]);
  });

  each(withoutBody)('%s does not look at a body', async (id) => {
    const unknown = { path: Object.fromEntries(Object.keys(factsOf(id).nouns).map((name) => [name, 'none'])) };
    const plain = await send(id, undefined, unknown);
    for (const body of ['{"a":', '[]', '{"zzUnheardOf":1}']) {
      const answer = await send(id, body, unknown);
      expect([body, answer.status, answer.text]).toEqual([body, plain.status, plain.text]);
    }
  });
});

describe('members', () => {
  each(withBody)('%s names one that it does not know, in quotes: 422 10008', async (id) => {
    for (const [name, value] of [
      ['zzUnheardOf', 1],
      ['guid', 'x'],
      ['created_at', null],
    ] as const) {
      const refusal = refusalOf(await send(id, { ...bodyOf(id), [name]: value }));
      expect([name, refusal]).toEqual([name, expect.objectContaining({ status: 422, code: 10008 })]);
      expect(refusal.detail).toContain(`'${name}'`);
    }
  });

  each(withBody)('%s names all that are wrong in one detail', async (id) => {
    const { status, detail } = refusalOf(await send(id, { ...bodyOf(id), zzFirst: 1, zzSecond: 2 }));
    expect([status, detail]).toEqual([422, expect.stringMatching(/'zzFirst'.*'zzSecond'/)]);
  });

  const described = withBody.flatMap((id) => {
    const members = membersOf(bodySchemaOf(id));
    return Object.keys(members).map((member) => [id, member, resolve(members[member]) as Schema] as const);
  });
  /** The JSON type of a value. */
  const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
  const samples: unknown[] = [null, 7, true, 'x', ['x'], { zzUnheardOf: 1 }];

  test.each(described)('%s refuses %s of another type: 422 10008', async (id, member, schema) => {
    const allowed = typesOf(schema);
    const wrong = samples.filter((value) => !allowed.has(typeOf(value)));
    expect(wrong.length).toBeGreaterThan(0);
    for (const value of wrong) {
      const answer = await send(id, { ...bodyOf(id), [member]: value });
      expect([member, value, ...statusAndCode(answer)]).toEqual([member, value, 422, 10008]);
      expect(refusalOf(answer).detail).toContain(member);
    }
  });

  /** The types that a schema allows. */
  function typesOf(given: Schema): Set<string> {
    const schema = resolve(given) as Schema;
    const branches = [
      ...((schema.oneOf ?? []) as Schema[]),
      ...((schema.anyOf ?? []) as Schema[]),
      ...((schema.allOf ?? []) as Schema[]),
    ];
    const own = [schema.type ?? []].flat().map((type) => (type === 'integer' ? 'number' : type));
    if (schema.const !== undefined) own.push(typeOf(schema.const));
    if (schema.enum) own.push(...(schema.enum as unknown[]).map(typeOf));
    if (schema.properties) own.push('object');
    return new Set([...own, ...branches.flatMap((branch) => [...typesOf(branch)])]);
  }
});
