import { Client } from 'pg';
import { uuidv7 } from 'uuidv7';
import { unseal } from '../../src/store/sealing';
import { environment, token, unique } from '../support/fixtures';
import { type Answered, type Call, type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const newBody = (more: object = {}) => ({ name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io', ...more });
const create = (key: string, body: unknown, more: Call = {}) =>
  portolan.call('createRegistry', { path: { envId }, body, ...more, headers: { 'idempotency-key': key, ...more.headers } });
const named = (name: string) => portolan.sql('select id from registries where name = $1', [name]);
const isReplay = ({ headers }: Answered) => headers['idempotent-replayed'] === 'true';
const newRegistry = async () => (await create(unique('key'), newBody())).body.registry;
const keyRow = async () => (await portolan.sql('select * from idempotency_keys order by expires_at desc limit 1'))[0];

describe('a replay', () => {
  test('is the first answer: status, body, Location and ETag', async () => {
    const [key, body] = [unique('key'), newBody()];
    const first = await create(key, body);
    expect([first.status, isReplay(first)]).toEqual([201, false]);
    for (let i = 0; i < 3; i++) {
      const again = await create(key, body);
      expect([again.status, again.text, isReplay(again)]).toEqual([201, first.text, true]);
      for (const header of ['location', 'etag', 'content-type', 'cache-control'])
        expect(again.headers[header]).toBe(first.headers[header]);
      expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    }
    expect(await named(body.name)).toHaveLength(1);
    expect(await portolan.sql('select 1 from audit_logs where resource_name = $1', [body.name])).toHaveLength(1);
  });

  test('does not mind the order of members, blanks, or how a number is written', async () => {
    const key = unique('key');
    const { name } = newBody();
    const spellings = [
      `{"name":"${name}","type":"generic","registryUrl":"ghcr.io","refreshIntervalMinutes":30}`,
      `{ "refreshIntervalMinutes": 30.0, "registryUrl": "ghcr.io",\n "type": "generic", "name": "${name}" }`,
      `{"name":"${name}","type":"generic","registryUrl":"ghcr.io","refreshIntervalMinutes":3e1}`,
      `{"name":"${name}","type":"gener\\u0069c","registryUrl":"ghcr.io","refreshIntervalMinutes":0.3E+2}`,
    ];
    for (const [i, body] of spellings.entries()) {
      const answer = await create(key, body);
      expect([answer.status, isReplay(answer)]).toEqual([201, i > 0]);
    }
  });

  test('of a DELETE is 204 again; another key finds nothing', async () => {
    const { id } = await newRegistry();
    const remove = (key: string) => portolan.call('deleteRegistry', { path: { id }, headers: { 'idempotency-key': key } });
    const key = unique('key');
    expect((await remove(key)).status).toBe(204);
    const again = await remove(key);
    expect([again.status, again.text, isReplay(again)]).toEqual([204, '', true]);
    expect((await remove(unique('key'))).status).toBe(404);
  });

  test('goes before If-Match: the version that the first one left behind is no conflict', async () => {
    const { id } = await newRegistry();
    const headers = { 'idempotency-key': unique('key'), 'if-match': '"1.0"' };
    const first = await portolan.call('updateRegistry', { path: { id }, body: { username: 'a' }, headers });
    expect(first.headers.etag).toMatch(/^"2\./);
    const again = await portolan.call('updateRegistry', { path: { id }, body: { username: 'a' }, headers });
    expect([again.status, again.text, isReplay(again)]).toEqual([200, first.text, true]);
  });

  test('does not need the object any more', async () => {
    const { id } = await newRegistry();
    const headers = { 'idempotency-key': unique('key') };
    const update = () => portolan.call('updateRegistry', { path: { id }, body: { username: 'gone' }, headers });
    const first = await update();
    await portolan.call('deleteRegistry', { path: { id } });
    const again = await update();
    expect([again.status, again.text]).toEqual([200, first.text]);
  });
});

describe('a key is bound to', () => {
  test('its body: another one is 409', async () => {
    const [key, body] = [unique('key'), newBody()];
    await create(key, body);
    for (const other of [
      { ...body, username: null },
      { ...body, registryUrl: 'quay.io' },
      { ...body, isDefault: false },
    ]) {
      const answer = await create(key, other);
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED', 'Idempotency-Key']);
    }
    expect((await create(key, body)).status).toBe(201);
  });

  test('its principal, whichever credential it comes with', async () => {
    const [key, body] = [unique('key'), newBody()];
    const first = await create(key, body);
    const other = await token(portolan);
    const answer = await create(key, { ...body, name: unique('registry') }, { token: other.token });
    expect([answer.status, isReplay(answer)]).toEqual([201, false]);
    const login = await portolan.call('login', {
      body: { email: 'admin@portolan.local', password: 'correct horse battery staple' },
    });
    const again = await create(key, body, { token: login.body.token });
    expect([again.text, isReplay(again)]).toEqual([first.text, true]);
  });

  test('its path ids', async () => {
    const [key, body] = [unique('key'), newBody()];
    await create(key, body);
    const elsewhere = await create(key, body, { path: { envId: await environment(portolan) } });
    expect([elsewhere.status, isReplay(elsewhere)]).toEqual([201, false]);
  });

  test('its operation', async () => {
    const { id } = await newRegistry();
    const headers = { 'idempotency-key': unique('key') };
    expect((await portolan.call('updateRegistry', { path: { id }, body: {}, headers })).status).toBe(200);
    const answer = await portolan.call('deleteRegistry', { path: { id }, headers });
    expect([answer.status, isReplay(answer)]).toEqual([204, false]);
  });
});

describe('what is stored', () => {
  test('is sealed, and lives 24 hours', async () => {
    const body = newBody({ username: 'ci', password: 'canary-password' });
    const answer = await create(unique('key'), body);
    const row = await keyRow();
    expect(row.body_sealed).toMatch(/^v1\.k1\./);
    expect(row.body_sealed).not.toContain(body.name);
    const place = { table: 'idempotency_keys', column: 'body', rowId: row.key_hash.toString('hex') };
    expect(unseal(portolan.context.keyring, place, row.body_sealed)).toBe(answer.text);
    const hours = (Date.parse(row.expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  test('names neither the key nor the principal', async () => {
    const key = `canary-${unique('key')}`;
    await create(key, newBody());
    const rows = await portolan.sql(
      'select encode(key_hash, $1) || coalesce(location, $2) || coalesce(etag, $2) as text from idempotency_keys',
      ['escape', ''],
    );
    expect(rows.map(({ text }) => text).join()).not.toContain('canary');
  });

  test('is not used once it has run out, swept or not', async () => {
    const [key, body] = [unique('key'), newBody()];
    const first = await create(key, body);
    await portolan.sql("update idempotency_keys set expires_at = now() - interval '1 second'");
    const taken = await create(key, body);
    expect([taken.status, taken.body.field]).toEqual([409, 'name']);
    await portolan.call('deleteRegistry', { path: { id: first.body.registry.id } });
    const anew = await create(key, body);
    expect([anew.status, isReplay(anew)]).toEqual([201, false]);
    expect(anew.body.registry.id).not.toBe(first.body.registry.id);
    expect((await create(key, body)).text).toBe(anew.text);
    await portolan.sql("update idempotency_keys set expires_at = now() - interval '1 second'");
    expect((await create(key, newBody())).status).toBe(201);
  });

  test('is nothing after a failure: the same key may be tried again, with another body too', async () => {
    const { name } = await newRegistry();
    const key = unique('key');
    const rows = async () => (await portolan.sql('select count(*) as n from idempotency_keys'))[0].n;
    const before = await rows();
    expect((await create(key, newBody({ name }))).status).toBe(409);
    expect((await create(key, newBody({ type: 'none' }))).status).toBe(400);
    expect((await create(key, newBody({ id: uuidv7() }))).status).toBe(422);
    expect((await create(key, newBody(), { path: { envId: uuidv7() } })).status).toBe(404);
    expect(await rows()).toBe(before);
    expect((await create(key, newBody())).status).toBe(201);
  });
});

describe('while the first one runs', () => {
  /** Holds a registry, so that a request that changes it waits. */
  async function hold(id: string) {
    const client = new Client({ connectionString: portolan.databaseUrl });
    await client.connect();
    await client.query('begin');
    await client.query('select 1 from registries where id = $1 for update', [id]);
    return { client, release: async () => void (await client.query('rollback').then(() => client.end())) };
  }
  const waiting = async () => {
    for (let i = 0; i < 200; i++) {
      const rows = await portolan.sql(
        "select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'portolan' and datname = current_database()",
      );
      if (rows.length > 0) return rows[0].pid as number;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('nobody waits');
  };
  const update = (id: string, key: string, username: string) =>
    portolan.call('updateRegistry', { path: { id }, body: { username }, headers: { 'idempotency-key': key } });

  test('the second is told to come again, and then gets the first answer', async () => {
    const { id } = await newRegistry();
    const key = unique('key');
    const { release } = await hold(id);
    const first = update(id, key, 'slow');
    await waiting();
    const second = await update(id, key, 'slow');
    expect([second.status, second.body.code, second.headers['retry-after']]).toEqual([409, 'CONFLICT', '1']);
    await release();
    const done = await first;
    expect([done.status, isReplay(done)]).toEqual([200, false]);
    const third = await update(id, key, 'slow');
    expect([third.text, isReplay(third)]).toEqual([done.text, true]);
  });

  test('when it dies, nothing was changed and the key is free', async () => {
    const { id } = await newRegistry();
    const key = unique('key');
    const { release } = await hold(id);
    const first = update(id, key, 'dying');
    const pid = await waiting();
    await portolan.sql('select pg_terminate_backend($1)', [pid]);
    expect((await first).status).toBe(503);
    await release();
    expect((await portolan.call('getRegistry', { path: { id } })).body.registry.username).toBeNull();
    const again = await update(id, key, 'alive');
    expect([again.status, isReplay(again)]).toEqual([200, false]);
  });

  test('50 at once have one effect', async () => {
    const [key, body] = [unique('key'), newBody()];
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(key, body)));
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
    const successes = answers.filter(({ status }) => status === 201);
    expect(new Set(successes.map(({ text }) => text)).size).toBe(1);
    expect(successes.filter((answer) => !isReplay(answer))).toHaveLength(1);
    for (const { body: problem } of answers.filter(({ status }) => status === 409)) expect(problem.field).toBe('Idempotency-Key');
    expect((await create(key, body)).text).toBe(successes[0]?.text);
    expect(await named(body.name)).toHaveLength(1);
    expect(await portolan.sql('select 1 from audit_logs where resource_name = $1', [body.name])).toHaveLength(1);
  });
});

describe('a credential that was taken away or lowered', () => {
  test('gets no replay', async () => {
    const one = await token(portolan, { role: 'operator' });
    const [key, body] = [unique('key'), newBody()];
    const send = () => create(key, body, { token: one.token });
    expect((await send()).status).toBe(201);
    const change = async (statement: string, status: number) => {
      await portolan.sql(statement, [statement.includes('users') ? one.userId : one.tokenId]);
      for (let i = 0; i < 100 && (await send()).status !== status; i++) await new Promise((resolve) => setTimeout(resolve, 20));
      return send();
    };
    const lowered = await change("update users set role = 'viewer' where id = $1", 403);
    expect([lowered.status, lowered.body.code]).toEqual([403, 'FORBIDDEN_ROLE']);
    expect((await change("update users set role = 'operator' where id = $1", 201)).status).toBe(201);
    expect((await change("update api_tokens set scopes = '{images:write}' where id = $1", 403)).body.code).toBe(
      'FORBIDDEN_SCOPE',
    );
    expect((await change('update api_tokens set revoked_at = now() where id = $1', 401)).status).toBe(401);
  });

  test('by its environments gets no replay of what lies outside', async () => {
    const one = await token(portolan);
    const [key, body] = [unique('key'), newBody()];
    const { id } = (await create(key, body, { token: one.token })).body.registry;
    const headers = { 'idempotency-key': unique('key') };
    const update = () => portolan.call('updateRegistry', { path: { id }, body: { username: 'x' }, headers, token: one.token });
    expect((await update()).status).toBe(200);
    await portolan.sql(
      'update api_tokens set all_environments = false, scopes = null, updated_at = now(), expires_at = expires_at where id = $1',
      [one.tokenId],
    );
    for (let i = 0; i < 100 && (await portolan.call('getRegistry', { path: { id }, token: one.token })).status !== 404; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await update()).status).toBe(404);
  });
});

describe('where it means nothing', () => {
  test('a GET and a public operation do not look at it', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(500) };
    expect((await portolan.call('listRegistries', { path: { envId }, headers })).status).toBe(200);
    const before = (await portolan.sql('select count(*) as n from idempotency_keys'))[0].n;
    const body = { email: 'admin@portolan.local', password: 'correct horse battery staple' };
    for (let i = 0; i < 2; i++) {
      const answer = await portolan.call('login', { body, headers });
      expect([answer.status, isReplay(answer)]).toEqual([200, false]);
    }
    expect((await portolan.sql('select count(*) as n from idempotency_keys'))[0].n).toBe(before);
  });
});
