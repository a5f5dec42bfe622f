import { request } from 'node:http';
import type { OperationId } from '../../generated/operations';
import { apiIds, bodySchemaOf, factsOf, resolve, takesHeader } from '../support/contract';
import { token } from '../support/fixtures';
import { acceptableBody, makeObjects, type Objects, pathOf, unknownPathOf } from '../support/objects';
import { type Answered, type Portolan, startPortolan } from '../support/portolan';

/** What every operation makes of a body, before it looks at what the body means. */

const writes = apiIds.filter((id) => factsOf(id).method !== 'get');
const withBody = writes.filter((id) => factsOf(id).body);
/** Those that take JSON. */
const withJson = withBody.filter((id) => !factsOf(id).body?.files);
const withoutBody = writes.filter((id) => !factsOf(id).body);
const objectBodies = withBody.filter((id) => factsOf(id).body?.kind === 'object');
const arrayBodies = withBody.filter((id) => factsOf(id).body?.kind === 'array');

let portolan: Portolan;
let objects: Objects;
beforeAll(async () => {
  portolan = await startPortolan();
  // An API token: logout ends a login.
  const admin = await token(portolan);
  portolan.adminToken = admin.token;
  objects = await makeObjects(portolan, { userId: admin.userId });
});
afterAll(() => portolan.close());

const code = ({ status, body }: Answered) => [status, body.code];
const refusal = ({ status, body }: Answered) => [status, body.code, body.field];
const send = (id: OperationId, body: unknown, headers: Record<string, string> = {}, path = unknownPathOf(id)) =>
  portolan.call(id, { path, headers, ...(body === undefined ? {} : { body }) });
const toReal = (id: OperationId, body: unknown, headers?: Record<string, string>) =>
  send(id, body, headers, pathOf(id, objects).path);
/** Big enough to be refused, and JSON. */
const oversized = `"${'x'.repeat(1024 * 1024 - 1)}"`;

/** Sends a body without telling its length. */
function sendChunked(id: OperationId, body: string): Promise<Answered> {
  const { method, path } = factsOf(id);
  const url = portolan.url + path.replace(/\{\w+\}/g, objects.environment as string);
  const headers = {
    authorization: `Bearer ${portolan.adminToken}`,
    'content-type': 'application/json',
    'transfer-encoding': 'chunked',
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: JSON.parse(text) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('media type', () => {
  const wrong = [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/merge-patch+json',
    'json',
    '',
  ];
  const wrongCharset = ['application/json; charset=iso-8859-1', 'application/json;charset="utf-16"'];

  test.each(withJson)('%s takes JSON in UTF-8 only: 415', async (id) => {
    for (const type of [...wrong, ...wrongCharset]) {
      const answer = await send(id, '{}', { 'content-type': type });
      expect([type, ...refusal(answer)]).toEqual([type, 415, 'VALIDATION_ERROR', 'Content-Type']);
    }
    for (const type of [
      'application/json',
      'Application/JSON',
      'application/json;charset=UTF-8',
      'application/json; charset="utf-8"',
    ]) {
      expect([type, (await send(id, '"', { 'content-type': type })).status]).toEqual([type, 400]);
    }
  });
});

describe('size', () => {
  const usual = withJson.filter((id) => !factsOf(id).bodyLimit);

  test.each(usual)('%s refuses 1 MiB and one byte: 413, with and without a told length', async (id) => {
    const told = await send(id, oversized);
    expect(oversized).toHaveLength(1024 * 1024 + 1);
    expect([...refusal(told), told.headers.connection]).toEqual([413, 'VALIDATION_ERROR', '', 'close']);
    const untold = await sendChunked(id, oversized);
    portolan.check(id, untold);
    expect(refusal(untold)).toEqual([413, 'VALIDATION_ERROR', '']);
  });

  test.each(withJson)('%s reads 1 MiB', async (id) => {
    expect((await send(id, oversized.slice(1))).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ code: 'unparsable' }],
    });
  });
});

describe('syntax', () => {
  test.each(withJson)('%s tells line and column of what is no JSON', async (id) => {
    const answer = await send(id, '{\n  "a": 1,\n  "b": oops\n}');
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR', '']);
    expect(answer.body.hint).toBe('See line 3, column 8 of the body.');
    expect(answer.body.details).toEqual([expect.objectContaining({ in: 'body', field: '', code: 'unparsable' })]);
  });

  test.each(objectBodies.filter((id) => withJson.includes(id)))('%s wants an object', async (id) => {
    for (const body of ['null', '[]', '"x"', '7', 'true']) {
      const answer = await toReal(id, body);
      expect([body, ...refusal(answer)]).toEqual([body, 400, 'VALIDATION_ERROR', '']);
    }
  });

  // jest takes no empty table.
  (arrayBodies.length > 0 ? test.each(arrayBodies) : test.skip.each(['nothing']))('%s wants an array', async (id) => {
    for (const body of ['null', '{}', '"x"', '7', 'true']) {
      const answer = await toReal(id as OperationId, body);
      expect([body, ...refusal(answer)]).toEqual([body, 400, 'VALIDATION_ERROR', '']);
    }
  });
});

describe('no body', () => {
  const needed = withBody.filter((id) => factsOf(id).body?.required);

  test.each(needed)('%s wants one, also behind a JSON content type', async (id) => {
    for (const body of [undefined, '']) {
      const answer = await toReal(id, body);
      expect([...refusal(answer), answer.body.details[0].code]).toEqual([400, 'VALIDATION_ERROR', '', 'required']);
    }
  });

  test.each(withoutBody)('%s takes none, a JSON content type or {}', async (id) => {
    for (const [body, headers] of [
      [undefined, {}],
      [undefined, { 'content-type': 'application/json' }],
      ['', {}],
      ['{}', {}],
    ] as const) {
      expect((await send(id, body, headers)).status).not.toBe(400);
    }
  });

  test.each(withoutBody)('%s refuses any other: 400', async (id) => {
    for (const [body, headers] of [
      ['{"a":1}'],
      ['[]'],
      ['7'],
      ['{'],
      ['x', { 'content-type': 'text/plain' }],
      [oversized],
    ] as const) {
      const answer = await toReal(id, body, headers);
      expect(code(answer)).toEqual([400, 'VALIDATION_ERROR']);
    }
  });
});

describe('members', () => {
  const bodyOf = (id: OperationId) => acceptableBody(id, objects) as object;

  test.each(objectBodies)('%s refuses a member it does not know, and says what it takes', async (id) => {
    const answer = await toReal(id, { ...bodyOf(id), zzUnheardOf: 1 });
    expect(code(answer)).toEqual([400, 'VALIDATION_ERROR']);
    const issue = {
      in: 'body',
      field: 'zzUnheardOf',
      code: 'unknown_member',
      hint: expect.stringMatching(/^(Known: |Leave it out)/),
    };
    expect(answer.body.details).toContainEqual(expect.objectContaining(issue));
  });

  const readOnly = objectBodies.flatMap((id) =>
    Object.entries(factsOf(id).body?.readOnly ?? {}).map(([member, hint]) => [id, member, hint] as const),
  );
  test.each(readOnly)('%s does not take %s: 422', async (id, member, hint) => {
    const answer = await toReal(id, { ...bodyOf(id), zzUnheardOf: 1, [member]: null });
    expect([...refusal(answer), answer.body.hint]).toEqual([422, 'READONLY_FIELD', member, hint]);
    expect(answer.body.details.map((issue: { code: string }) => issue.code)).toEqual(['unknown_member', 'read_only']);
  });

  test.each(objectBodies)('%s names each required member that is missing', async (id) => {
    const required = resolve(bodySchemaOf(id))?.required ?? [];
    const answer = await toReal(id, { zzUnheardOf: 1 });
    const missing = answer.body.details.filter((issue: { code: string }) => issue.code === 'required');
    expect(missing.map((issue: { field: string }) => issue.field)).toEqual(expect.arrayContaining(required));
  });
});

describe('If-Match', () => {
  const matching = apiIds.filter((id) => takesHeader(id, 'If-Match'));
  const sendTag = (id: OperationId, tag: string) => {
    const body = factsOf(id).method === 'patch' ? {} : acceptableBody(id, objects);
    return portolan.call(id, {
      path: pathOf(id, objects).path,
      headers: { 'if-match': tag },
      ...(body === undefined ? {} : { body }),
    });
  };

  test.each(matching)('%s refuses what is no entity tag: 400', async (id) => {
    for (const tag of ['x', '"', '1.a', '"1.a" "2.b"', '']) {
      const answer = await sendTag(id, tag);
      expect([tag, ...refusal(answer)]).toEqual([tag, 400, 'VALIDATION_ERROR', 'If-Match']);
    }
  });

  test.each(matching)('%s refuses another version, and tells the present one: 412', async (id) => {
    const answer = await sendTag(id, '"999.0"');
    expect(code(answer)).toEqual([412, 'CONFLICT']);
    expect(answer.body.details.currentEtag).toMatch(/^"\d+\.[0-9a-f]+"$/);
  });
});
